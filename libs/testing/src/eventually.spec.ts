import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('returns the value of the first try that passes', async () => {
    let tries = 0;
    const value = await eventually(
      () => {
        tries += 1;
        if (tries < 3) throw new Error('not yet');
        return tries;
      },
      { everyMs: 1 },
    );
    expect(value).toBe(3);
  });

  it('shows the last failure when the deadline has passed', async () => {
    let tries = 0;
    const failing = eventually(
      () => {
        tries += 1;
        throw new Error(`failure ${tries}`);
      },
      { withinMs: 20, everyMs: 5 },
    );
    await expect(failing).rejects.toThrow(/still failing after 20 ms and \d+ attempts; the last failure: failure \d+/);
  });

  it('tries once even when it is given no time', async () => {
    await expect(eventually(() => 'value', { withinMs: 0 })).resolves.toBe('value');
  });
});
