import { describe, expect, it } from 'vitest';
import { findLedgerProblems } from '../smoke/ledger-check.mjs';

const order = (status: string): object => ({ id: 'o-1', status, amount: 1200, currency: 'EUR' });
const entry = (kind: string, amount = 1200, currency = 'EUR'): object => ({ orderId: 'o-1', kind, amount, currency });

describe('ledger check', () => {
  it('accepts a confirmed order captured once and a cancelled one whose money went back', () => {
    expect(findLedgerProblems([order('confirmed')], [entry('authorise'), entry('capture')])).toEqual([]);
    expect(findLedgerProblems([order('cancelled')], [entry('capture'), entry('refund')])).toEqual([]);
    expect(findLedgerProblems([order('cancelled')], [entry('authorise'), entry('void')])).toEqual([]);
  });

  it('looks only at the entries of the order', () => {
    const foreign = { ...entry('capture'), orderId: 'o-2' };
    expect(findLedgerProblems([order('confirmed')], [entry('capture'), foreign])).toEqual([]);
  });

  it.each([
    [
      'a second capture, even when it was refunded',
      'confirmed',
      [entry('capture'), entry('capture'), entry('refund')],
      'captured 2 times',
    ],
    ['a confirmed order that nobody paid', 'confirmed', [entry('authorise')], 'the ledger holds 0'],
    ['a capture of another amount', 'confirmed', [entry('capture', 1)], 'the ledger holds 1'],
    ['a capture in another currency', 'confirmed', [entry('capture', 1200, 'USD')], 'captured in another currency'],
    ['a cancelled order that was paid', 'cancelled', [entry('capture')], 'the ledger still holds 1200'],
    ['an order that has not ended', 'pending', [], 'has not ended'],
  ])('reports %s', (_case, status, ledger, problem) => {
    expect(findLedgerProblems([order(status)], ledger)).toEqual([`order o-1 (${status}, 1200 EUR): ${problem}`]);
  });

  it('reports more returned than was captured', () => {
    const ledger = [entry('capture'), entry('refund'), entry('refund')];
    expect(findLedgerProblems([order('cancelled')], ledger)).toContain(
      'order o-1 (cancelled, 1200 EUR): 2400 returned of 1200 captured',
    );
  });
});
