import { describe, expect, it } from 'vitest';
import { QueryFailedError } from 'typeorm';
import { CommitUnconfirmedError } from './commit-watch.js';
import { classifyDatabaseError } from './database-error.js';

const withCode = (code: string): Error => Object.assign(new Error('refused'), { code });

describe('classifyDatabaseError', () => {
  it.each(['57P01', '57P02', '57P03', '25P03', '25P04', '08006', '08003', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])(
    'takes %s as a lost connection, whose outcome is unknown',
    (code) => {
      expect(classifyDatabaseError(withCode(code))).toBe('connection');
    },
  );

  it.each(['40001', '40P01', '55P03', '57014', '23505', '23514', '23503'])(
    'takes %s as without effect and worth another try',
    (code) => {
      expect(classifyDatabaseError(withCode(code))).toBe('retryable');
    },
  );

  it.each(['42601', '42P01', '22P02', '28P01', '3D000'])('takes %s as a mistake that stays', (code) => {
    expect(classifyDatabaseError(withCode(code))).toBe('terminal');
  });

  it('knows the errors of pg that have no code', () => {
    expect(classifyDatabaseError(new Error('Connection terminated unexpectedly'))).toBe('connection');
    expect(classifyDatabaseError(new Error('timeout exceeded when trying to connect'))).toBe('connection');
    expect(classifyDatabaseError(new Error('Query read timeout'))).toBe('connection');
  });

  it("looks into TypeORM's wrapper", () => {
    expect(classifyDatabaseError(new QueryFailedError('select 1', [], withCode('40P01')))).toBe('retryable');
    const lost = new Error('Connection terminated unexpectedly');
    expect(classifyDatabaseError(new QueryFailedError('select 1', [], lost))).toBe('connection');
  });

  it('looks at the first address when none of several could be reached', () => {
    expect(classifyDatabaseError(new AggregateError([withCode('ECONNREFUSED')]))).toBe('connection');
  });

  it('takes a commit without its standby as of unknown outcome', () => {
    expect(classifyDatabaseError(new CommitUnconfirmedError())).toBe('connection');
  });

  it('takes everything else as a mistake', () => {
    expect(classifyDatabaseError(new Error('undefined is not a function'))).toBe('terminal');
    expect(classifyDatabaseError('text')).toBe('terminal');
  });
});
