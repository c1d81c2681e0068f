import { JsonLogger, Metrics, readSettings } from '@once/service-kit';
import { testDatabase } from '@once/testing';
import { SandboxClient } from './sandbox-client.js';
import { startSandbox } from '../../src/start-sandbox.js';
import { WebhookReceiver } from './webhook-receiver.js';

export interface TestSandbox extends SandboxClient {
  readonly receiver: WebhookReceiver;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/** A sandbox in this process, on a database and with a webhook receiver of its own. */
export async function openTestSandbox(): Promise<TestSandbox> {
  const database = await testDatabase();
  const receiver = await WebhookReceiver.open('whsec_test');
  const names = [
    'NODE_ENV',
    'LOG_LEVEL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'HOST',
    'PORT',
    'REPLICA',
    'DATABASE_URL',
    'PAYMENT_WEBHOOK_SECRET',
    'SANDBOX_WEBHOOK_URL',
    'SMTP_PORT',
  ] as const;
  const settings = readSettings(names, {
    PORT: '0',
    SMTP_PORT: '0',
    DATABASE_URL: database.url,
    PAYMENT_WEBHOOK_SECRET: receiver.secret,
    SANDBOX_WEBHOOK_URL: receiver.url,
  });
  const logger = new JsonLogger({ service: 'sandbox', replica: 0, level: 'silent' });
  const sandbox = await startSandbox({ settings, logger, processName: 'sandbox-0', metrics: new Metrics() });
  const client = new SandboxClient(sandbox.url, sandbox.smtpPort);
  const close = async (): Promise<void> => {
    await sandbox.stop();
    await receiver.close();
    await database.close();
  };
  return Object.assign(client, { receiver, databaseUrl: database.url, close });
}
