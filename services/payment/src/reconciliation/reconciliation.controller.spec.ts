import { describe, expect, it } from 'vitest';
import type { ListedIntent } from './drift.js';
import { Reconciler } from './reconciler.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { Reconciliation } from './reconciliation.js';
import { ReconciliationStore } from './reconciliation-store.js';

describe('a reconciliation that an operator asks for', () => {
  it('is unavailable, and does not blame their key, when the provider refuses ours', async () => {
    const refusal = Object.assign(new Error('Invalid API key'), { statusCode: 401 });
    const theirs = {
      read: () => Promise.reject(refusal),
      listIntents: async function* () {
        yield await Promise.reject<readonly ListedIntent[]>(refusal);
      },
    };
    const never = () => Promise.reject(new Error('nothing is compared'));
    const store = new ReconciliationStore({ query: () => Promise.resolve([]) });
    const reconciler = new Reconciler(theirs, store, never, never);
    const reconciliation = new Reconciliation(reconciler, store, { everyMs: 1_000, windowMs: 1_000 }, () => {});

    await expect(new ReconciliationController(reconciliation).run({})).rejects.toMatchObject({
      slug: 'unavailable',
      message: 'The books could not be compared: Invalid API key',
      cause: refusal,
    });
  });
});
