import { describe, expect, it } from 'vitest';
import { waitForRest } from '../../audit/rest.mjs';

interface Pulse {
  readonly open: Record<string, number>;
  readonly marks: object;
}

/** A source that shows these pulses one after the other, and the last one from then on. */
const showing = (...pulses: readonly Pulse[]) => {
  let looks = 0;
  return {
    pulse: () => {
      looks += 1;
      return Promise.resolve(pulses[Math.min(looks, pulses.length) - 1] as Pulse);
    },
  };
};

const NOTHING_OPEN = {};
const patience = { withinMs: 1_500, quietMs: 500, report: () => undefined };

describe('waiting for rest', () => {
  it('is at rest when nothing is open and nothing moves', async () => {
    const source = showing({ open: { sagas: 1 }, marks: { orders: 1 } }, { open: NOTHING_OPEN, marks: { orders: 1 } });

    expect(await waitForRest([source], patience)).toEqual({ kind: 'at rest', open: [] });
  });

  it('is stuck when work is left and nothing moves any more', async () => {
    const order = showing({ open: { sagas: 2, messages: 0 }, marks: { orders: 1 } });
    const payment = showing({ open: { sagas: 1 }, marks: {} });

    expect(await waitForRest([order, payment], patience)).toEqual({
      kind: 'stuck',
      open: [{ name: 'sagas', count: 3 }],
    });
  });

  it('is busy when something still moves at the end of the time, whatever is open', async () => {
    const pulses = Array.from({ length: 20 }, (_, orders) => ({ open: NOTHING_OPEN, marks: { orders } }));

    expect(await waitForRest([showing(...pulses)], patience)).toEqual({ kind: 'busy', open: [] });
  });

  it('hands every source its own marks, so that it looks only at what is new', async () => {
    const seen: unknown[] = [];
    const source = {
      pulse: (since?: object) => {
        seen.push(since);
        return Promise.resolve({ open: NOTHING_OPEN, marks: { ledger: 7 } });
      },
    };
    await waitForRest([source], patience);

    expect(seen.slice(0, 2)).toEqual([undefined, { ledger: 7 }]);
  });
});
