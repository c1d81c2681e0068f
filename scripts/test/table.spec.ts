import { describe, expect, it } from 'vitest';
import { renderTable } from '../terminal/table.mjs';

describe('a table for the terminal', () => {
  it('leans columns of numbers to the right, whatever their unit, and words to the left', () => {
    const rows = [
      { what: 'one', count: 7, share: '5 %' },
      { what: 'another', count: 1234, share: '' },
    ];
    expect(renderTable(rows)).toBe(['what     count  share', 'one          7    5 %', 'another   1234'].join('\n'));
  });
});
