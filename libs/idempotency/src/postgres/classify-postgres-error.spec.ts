import { describe, expect, it } from 'vitest';
import { classifyPostgresError } from './classify-postgres-error.js';

const withCode = (code: string): Error => Object.assign(new Error('refused'), { code });

describe('classifyPostgresError', () => {
  it.each(['57P01', '57P02', '57P03', '57P05', '25P03', '25P04', '08006', '08003', '53300'])(
    'takes %s as the end of the session: the outcome is unknown',
    (code) => {
      expect(classifyPostgresError(withCode(code))).toBe('connection');
    },
  );

  it.each(['40001', '40P01', '55P03', '57014', '23503', '23505', '23514'])('takes %s as worth another try', (code) => {
    expect(classifyPostgresError(withCode(code))).toBe('retryable');
  });

  it.each(['42601', '42P01', '22P02', '22P05', '28P01', '3D000', '23502'])('takes %s as final', (code) => {
    expect(classifyPostgresError(withCode(code))).toBe('terminal');
  });

  it.each(['ECONNRESET', 'EPIPE', 'EAI_AGAIN'])('takes %s as a broken connection', (code) => {
    expect(classifyPostgresError(withCode(code))).toBe('connection');
  });

  it('takes what no server said as of unknown outcome', () => {
    expect(classifyPostgresError(new Error('Connection terminated unexpectedly'))).toBe('connection');
    expect(classifyPostgresError(new Error('Query read timeout'))).toBe('connection');
  });

  it('takes a mistake in the work as final', () => {
    expect(classifyPostgresError(new TypeError('undefined is not a function'))).toBe('terminal');
    expect(classifyPostgresError('text')).toBe('terminal');
  });
});
