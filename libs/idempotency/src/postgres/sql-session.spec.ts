import { describe, expect, it } from 'vitest';
import { rowsOf } from './sql-session.js';

describe('rowsOf', () => {
  const rows = [{ no: 0 }, { no: 1 }];

  it('reads the result of pg', () => {
    expect(rowsOf({ rows, rowCount: 2 })).toEqual(rows);
  });

  it('reads the rows that TypeORM gives for a select', () => {
    expect(rowsOf(rows)).toEqual(rows);
    expect(rowsOf([])).toEqual([]);
  });

  it('reads the pair that TypeORM gives for an update', () => {
    expect(rowsOf([rows, 2])).toEqual(rows);
    expect(rowsOf([[], 0])).toEqual([]);
  });
});
