import { describe, expect, it } from 'vitest';
import { settingDefinitions, type SettingName } from './setting-definitions.js';
import { SettingsError } from './settings-error.js';
import { readSettings } from './settings.js';

const allNames = Object.keys(settingDefinitions).filter((name): name is SettingName => name in settingDefinitions);

function problemsOf(names: readonly SettingName[], environment: Record<string, string>): readonly string[] {
  try {
    readSettings(names, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('readSettings', () => {
  it('gives the standard values in camel case, durations as numbers, when nothing is set', () => {
    expect(readSettings(['PORT', 'SAGA_STEP_TIMEOUT_MS', 'AMQP_URL'], {})).toEqual({
      port: 3000,
      sagaStepTimeoutMs: 5000,
      amqpUrl: 'amqp://guest:guest@127.0.0.1:3072',
    });
  });

  it('accepts every setting at its standard value together', () => {
    expect(Object.keys(readSettings(allNames, {}))).toHaveLength(allNames.length);
  });

  it('prefers the environment to what the service calls standard, and that to the definition', () => {
    const standards = { PORT: '3001', REPLICA: '7' };
    expect(readSettings(['PORT', 'REPLICA', 'HOST'], { PORT: '21300' }, standards)).toEqual({
      port: 21300,
      replica: 7,
      host: '127.0.0.1',
    });
  });

  it('takes an empty variable as unset, except where emptiness has a meaning', () => {
    expect(readSettings(['PORT', 'PAYMENT_PROVIDER_URL'], { PORT: '', PAYMENT_PROVIDER_URL: '' })).toEqual({
      port: 3000,
      paymentProviderUrl: '',
    });
  });

  it('reads accounts and their keys', () => {
    expect(readSettings(['API_KEYS'], { API_KEYS: 'demo=sk_1,demo=sk_2,acme=sk=3' }).apiKeys).toEqual([
      { account: 'demo', key: 'sk_1' },
      { account: 'demo', key: 'sk_2' },
      { account: 'acme', key: 'sk=3' },
    ]);
  });

  it('names every wrong setting at once, without repeating a secret', () => {
    const problems = problemsOf(['PORT', 'DATABASE_URL', 'BATCH_MAX', 'API_KEYS', 'OUTBOX_SWEEP_MS', 'LOG_LEVEL'], {
      PORT: '3000x',
      DATABASE_URL: 'mysql://localhost',
      BATCH_MAX: '0',
      API_KEYS: 'demo=sk_good,sk_secret',
      OUTBOX_SWEEP_MS: '-5',
      LOG_LEVEL: 'loud',
    });
    expect(problems.map((problem) => problem.split(' ', 1)[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'BATCH_MAX',
      'API_KEYS',
      'OUTBOX_SWEEP_MS',
      'LOG_LEVEL',
    ]);
    expect(problems.join()).not.toContain('sk_');
  });

  it('says all problems in the message of the error', () => {
    expect(() => readSettings(['PORT', 'BATCH_MAX'], { PORT: '99999', BATCH_MAX: 'many' })).toThrow(
      'The settings cannot be used:\n  - PORT must be between 0 and 65535\n  - BATCH_MAX must be a whole number',
    );
  });

  it("refuses a customer's key that is also the operator's", () => {
    expect(problemsOf(['API_KEYS', 'OPERATOR_KEY'], { API_KEYS: 'demo=same', OPERATOR_KEY: 'same' })).toEqual([
      "OPERATOR_KEY must not be a customer's key; account demo holds it",
    ]);
  });
});

describe('readSettings with NODE_ENV=production', () => {
  const guarded: readonly SettingName[] = [
    'DATABASE_URL',
    'AMQP_URL',
    'PAYMENT_PROVIDER_URL',
    'PAYMENT_PROVIDER_KEY',
    'PAYMENT_WEBHOOK_SECRET',
    'SMTP_URL',
    'API_KEYS',
    'OPERATOR_KEY',
    'RATE_LIMIT_PER_SECOND',
  ];
  const own = {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://once:kept@db/once_order',
    AMQP_URL: 'amqp://once_order:kept@broker',
    PAYMENT_PROVIDER_URL: '',
    SMTP_URL: 'smtp://mail.example:25',
    PAYMENT_PROVIDER_KEY: 'sk_live_1',
    PAYMENT_WEBHOOK_SECRET: 'whsec_live',
    API_KEYS: 'demo=sk_live_demo',
    OPERATOR_KEY: 'op_live',
    RATE_LIMIT_PER_SECOND: '100',
  };

  it('refuses every development value, naming its variable, when nothing is set', () => {
    const problems = problemsOf(guarded, { NODE_ENV: 'production' });
    expect(new Set(problems.map((problem) => problem.split(' ', 1)[0]))).toEqual(new Set(guarded));
  });

  it('accepts values of its own', () => {
    expect(problemsOf(guarded, own)).toEqual([]);
  });

  it('refuses one development key among others', () => {
    expect(problemsOf(guarded, { ...own, API_KEYS: 'acme=sk_live_acme,shop=sk_demo' })).toEqual([
      'API_KEYS still has its development value, which production refuses',
    ]);
  });

  it('refuses the development password at another server and under another name', () => {
    expect(problemsOf(guarded, { ...own, DATABASE_URL: 'postgres://shop:once@db.example/shop' })).toEqual([
      'DATABASE_URL still has the development password, which production refuses',
    ]);
    expect(problemsOf(guarded, { ...own, AMQP_URL: 'amqp://shop:once@broker.example' })).toEqual([
      'AMQP_URL still has the development password, which production refuses',
    ]);
  });

  it('does not ask for what the service does not read', () => {
    expect(problemsOf(['PORT'], { NODE_ENV: 'production' })).toEqual([]);
  });
});
