/** One key of one account. An account may have several keys: it is the account that owns orders, never the key. */
export interface ApiKey {
  readonly account: string;
  readonly key: string;
}

export type ParsedApiKeys =
  | { readonly kind: 'accepted'; readonly apiKeys: readonly ApiKey[] }
  | { readonly kind: 'refused'; readonly reason: string };

const ENTRY = /^(?<account>[A-Za-z0-9_.-]{1,64})=(?<key>[\x21-\x2b\x2d-\x7e]{1,255})$/;

/** Reads `demo=sk_demo,acme=sk_acme`. The reasons never repeat a key: they end up in logs. */
export function parseApiKeys(text: string): ParsedApiKeys {
  const apiKeys: ApiKey[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const groups = ENTRY.exec(entry.trim())?.groups;
    const account = groups?.['account'];
    const key = groups?.['key'];
    if (account === undefined || key === undefined)
      return refuse(`must read account=key[,account=key]; entry ${index + 1} does not`);
    if (apiKeys.some((known) => known.key === key))
      return refuse(`must not give one key to two entries; entry ${index + 1} does`);
    apiKeys.push({ account, key });
  }
  return { kind: 'accepted', apiKeys };
}

function refuse(reason: string): ParsedApiKeys {
  return { kind: 'refused', reason };
}
