import { settingDefinitions, type SettingName } from './setting-definitions.js';

/**
 * The values everybody can read in this repository. They make a laptop work without any setup and would make a production
 * system open to all, so a process with NODE_ENV=production refuses to start on any of them.
 */
const PUBLIC_SECRETS = [
  'API_KEYS',
  'OPERATOR_KEY',
  'PAYMENT_PROVIDER_KEY',
  'PAYMENT_WEBHOOK_SECRET',
] as const satisfies readonly SettingName[];

/** Where a laptop has the broker and the sandbox. An unset variable must not send a production system's money or mail there. */
const LAPTOP_ADDRESSES = ['AMQP_URL', 'PAYMENT_PROVIDER_URL', 'SMTP_URL'] as const satisfies readonly SettingName[];

export type Environment = Readonly<Record<string, string | undefined>>;

/** What must change before these settings may run in production, one sentence per variable. */
export function findDevelopmentValues(names: readonly SettingName[], textOf: (name: SettingName) => string): string[] {
  const problems: string[] = [];
  for (const name of PUBLIC_SECRETS) {
    if (names.includes(name) && usesPublicSecret(name, textOf(name)))
      problems.push(`${name} still has its development value, which production refuses`);
  }
  for (const name of LAPTOP_ADDRESSES) {
    if (names.includes(name) && textOf(name) === settingDefinitions[name].standard)
      problems.push(`${name} still has its development value, which production refuses`);
  }
  for (const name of ['DATABASE_URL', 'AMQP_URL'] as const) {
    if (names.includes(name) && passwordOf(textOf(name)) === DEVELOPMENT_PASSWORD)
      problems.push(`${name} still has the development password, which production refuses`);
  }
  if (names.includes('RATE_LIMIT_PER_SECOND') && Number(textOf('RATE_LIMIT_PER_SECOND')) === 0) {
    problems.push('RATE_LIMIT_PER_SECOND must be set above 0 in production');
  }
  return problems;
}

const passwordOf = (url: string): string | undefined =>
  URL.canParse(url) ? decodeURIComponent(new URL(url).password) : undefined;

/** Of the databases, and of the broker where we start it. */
const DEVELOPMENT_PASSWORD = passwordOf(settingDefinitions.DATABASE_URL.standard);

/** One public key among several private ones opens the door just as wide, so API_KEYS is compared entry by entry. */
function usesPublicSecret(name: (typeof PUBLIC_SECRETS)[number], value: string): boolean {
  const publicSecrets = new Set(settingDefinitions[name].standard.split(',').map(secretOf));
  return value.split(',').some((entry) => publicSecrets.has(secretOf(entry)));
}

const secretOf = (entry: string): string => entry.slice(entry.indexOf('=') + 1).trim();
