import { describe, expect, it } from 'vitest';
import { Accounts } from './accounts.js';

const accounts = new Accounts({
  apiKeys: [
    { account: 'demo', key: 'sk_demo' },
    { account: 'demo', key: 'sk_demo_2' },
    { account: 'acme', key: 'sk_acme' },
  ],
  operatorKey: 'op_demo',
});

describe('Accounts', () => {
  it('finds the account of each of its keys', () => {
    expect(accounts.identify('Bearer sk_demo')).toEqual({ kind: 'account', account: 'demo' });
    expect(accounts.identify('bearer sk_demo_2')).toEqual({ kind: 'account', account: 'demo' });
    expect(accounts.identify('Bearer sk_acme')).toEqual({ kind: 'account', account: 'acme' });
  });

  it('knows the operator', () => {
    expect(accounts.identify('Bearer op_demo')).toEqual({ kind: 'operator' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer sk_nobody',
    'Bearer SK_DEMO',
    'Basic sk_demo',
    'Bearer sk_demo sk_acme',
    'sk_demo',
  ])('does not know the caller who sends %j', (authorization) => {
    expect(accounts.identify(authorization)).toEqual({ kind: 'unknown' });
  });
});
