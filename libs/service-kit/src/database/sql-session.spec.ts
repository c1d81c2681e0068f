import { describe, expect, it } from 'vitest';
import { rowsOf } from './sql-session.js';

describe('rowsOf', () => {
  it.each([
    ["pg's result", { rows: [{ id: 1 }], rowCount: 1 }],
    ["TypeORM's rows", [{ id: 1 }]],
    ["TypeORM's rows and count", [[{ id: 1 }], 1]],
  ])('reads %s', (_shape, result) => {
    expect(rowsOf(result)).toEqual([{ id: 1 }]);
  });

  it('does not take two rows for rows and count', () => {
    expect(rowsOf([{ id: 1 }, { id: 2 }])).toHaveLength(2);
    expect(rowsOf([[], 0])).toEqual([]);
  });
});
