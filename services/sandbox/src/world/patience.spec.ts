import { describe, expect, it } from 'vitest';
import { Patience } from './patience.js';

describe('Patience', () => {
  it('waits as long as it is told', async () => {
    const startedAt = performance.now();
    await new Patience().wait(50);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(49);
  });

  it('ends every wait when it is lost, and begins no other', async () => {
    const patience = new Patience();
    const waits = [patience.wait(60_000), patience.wait(60_000)];
    patience.lose();
    await expect(Promise.all([...waits, patience.wait(60_000)])).resolves.toHaveLength(3);
  });
});
