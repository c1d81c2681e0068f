import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../settings/api-keys.js';

export type Caller =
  { readonly kind: 'account'; readonly account: string } | { readonly kind: 'operator' } | { readonly kind: 'unknown' };

export interface AccountsOptions {
  readonly apiKeys: readonly ApiKey[];
  readonly operatorKey: string;
}

/**
 * Says who holds a key. The principal is the account: two keys of one account see the same orders.
 *
 * Compares digests of equal length in constant time, and always all of them, so the time taken says nothing about any key.
 */
export class Accounts {
  private readonly holders: readonly { readonly digest: Buffer; readonly caller: Caller }[];

  constructor(options: AccountsOptions) {
    this.holders = [
      ...options.apiKeys.map(({ account, key }) => ({
        digest: digestOf(key),
        caller: { kind: 'account', account } as const,
      })),
      { digest: digestOf(options.operatorKey), caller: { kind: 'operator' } as const },
    ];
  }

  identify(authorization: string | undefined): Caller {
    const key = BEARER.exec(authorization ?? '')?.[1];
    if (key === undefined) return UNKNOWN;
    const digest = digestOf(key);
    return this.holders.reduce<Caller>(
      (found, holder) => (timingSafeEqual(holder.digest, digest) ? holder.caller : found),
      UNKNOWN,
    );
  }
}

const UNKNOWN: Caller = { kind: 'unknown' };

/** The scheme is case-insensitive (RFC 9110); keys are not. */
const BEARER = /^bearer +(\S+)$/i;

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();
