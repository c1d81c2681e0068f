import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const postgresUrl = z.string().regex(/^postgres(?:ql)?:\/\//, 'must be a postgres:// URL');

const environment = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3003),
  SMTP_PORT: port.default(3025),
  DATABASE_URL: postgresUrl.default('postgres://once:once@127.0.0.1:3032/once_sandbox'),
  SANDBOX_WEBHOOK_URL: z.url().default('http://127.0.0.1:3001/webhooks/stripe'),
  PAYMENT_WEBHOOK_SECRET: z.string().min(1).default('whsec_sandbox'),
});

export interface SandboxSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly smtpPort: number;
  readonly databaseUrl: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
}

/** Reads the environment, or throws one error that names every variable that is wrong. An empty variable is an unset one. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): SandboxSettings {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const values = parsed.data;
  const unsafe = values.NODE_ENV === 'production' ? developmentValuesIn(values) : [];
  if (unsafe.length > 0) throw new Error(`development values in production: ${unsafe.join(', ')}`);
  return {
    host: values.HOST,
    port: values.PORT,
    smtpPort: values.SMTP_PORT,
    databaseUrl: values.DATABASE_URL,
    webhookUrl: values.SANDBOX_WEBHOOK_URL,
    webhookSecret: values.PAYMENT_WEBHOOK_SECRET,
  };
}

function developmentValuesIn(values: z.output<typeof environment>): string[] {
  const unsafe: string[] = [];
  if (values.PAYMENT_WEBHOOK_SECRET === 'whsec_sandbox') unsafe.push('PAYMENT_WEBHOOK_SECRET');
  if (new URL(values.DATABASE_URL).password === 'once') unsafe.push('DATABASE_URL');
  return unsafe;
}
