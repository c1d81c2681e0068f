import { describe, expect, it } from 'vitest';
import { ReceiverGate } from './receiver-gate.js';

describe('ReceiverGate', () => {
  it('lets many through while the receiver answers', () => {
    const gate = new ReceiverGate(32);
    gate.observeAnswer();
    expect([gate.concurrency, gate.waitMs(0)]).toEqual([32, 0]);
  });

  it('lets one through after each silence, later and later', () => {
    const gate = new ReceiverGate(32);
    const waits = Array.from({ length: 8 }, () => {
      gate.observeSilence(1_000);
      return gate.waitMs(1_000);
    });
    expect(gate.concurrency).toBe(1);
    expect(waits[0]).toBeLessThanOrEqual(250);
    expect(waits[0]).toBeGreaterThanOrEqual(200);
    expect(waits[3]).toBeGreaterThanOrEqual(1_600);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
    expect(gate.waitMs(20_000)).toBe(0);
  });

  it('opens at the first answer, a refusal too', () => {
    const gate = new ReceiverGate(32);
    gate.observeSilence(1_000);
    gate.observeAnswer();
    expect([gate.concurrency, gate.waitMs(1_000)]).toEqual([32, 0]);
  });
});
