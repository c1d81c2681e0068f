import { parseApiKeys } from './api-keys.js';
import type { SettingName } from './setting-definitions.js';

/** A customer who holds the operator's key would be the operator, so the two lists must not overlap. */
export function findSharedKey(names: readonly SettingName[], textOf: (name: SettingName) => string): string[] {
  if (!names.includes('API_KEYS') || !names.includes('OPERATOR_KEY')) return [];
  const parsed = parseApiKeys(textOf('API_KEYS'));
  const holder =
    parsed.kind === 'accepted' ? parsed.apiKeys.find(({ key }) => key === textOf('OPERATOR_KEY')) : undefined;
  return holder === undefined ? [] : [`OPERATOR_KEY must not be a customer's key; account ${holder.account} holds it`];
}
