import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchEdits } from './edits/batch-edits.js';
import { effectEdits } from './edits/effect-edits.js';
import { leaseEdits } from './edits/lease-edits.js';
import { requestEdits } from './edits/request-edits.js';
import { retentionEdits } from './edits/retention-edits.js';
import { SourceCopy } from './source-copy.js';

const edits = [...requestEdits, ...batchEdits, ...leaseEdits, ...retentionEdits, ...effectEdits];

/** `PROOF_EDIT=token` tries the edits whose name has this word. */
const wanted = edits.filter(({ name }) => name.includes(process.env['PROOF_EDIT'] ?? ''));

describe('an edit that takes a guard away is noticed:', () => {
  let copy: SourceCopy;
  let unedited: ReadonlyMap<string, string>;

  beforeAll(async () => {
    copy = await SourceCopy.make();
    unedited = await copy.results([...new Set(wanted.map(({ spec }) => spec))]);
  });
  afterAll(async () => {
    await copy.remove();
  });

  it.each(wanted)('$name', async (edit) => {
    expect(unedited.get(edit.test), `"${edit.test}" without the edit`).toBe('passed');
    expect(await copy.resultWith(edit), `"${edit.test}" with the edit`).toBe('failed');
  });
});
