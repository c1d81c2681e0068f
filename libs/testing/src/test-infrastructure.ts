/**
 * Where the tests' Postgres and RabbitMQ are. Given servers (`TEST_DATABASE_URL`, `TEST_AMQP_URL`) win; otherwise the test
 * run's own infrastructure starts them on first use. There is no way to skip: whoever asks gets a server or an error.
 */
import { z } from 'zod';

/** A first RabbitMQ boot on a busy machine, and its installation through the package manager before that. */
const START_WITHIN_MS = 600_000;

export const postgresUrl = async (): Promise<string> =>
  process.env['TEST_DATABASE_URL'] ?? z.object({ url: z.string() }).parse(await ask('GET', '/postgres')).url;

const RabbitMqUrls = z.object({ amqpUrl: z.string(), managementUrl: z.string() });
export type RabbitMqUrls = z.infer<typeof RabbitMqUrls>;

export const rabbitMqUrls = async (): Promise<RabbitMqUrls> => {
  const amqpUrl = process.env['TEST_AMQP_URL'];
  if (amqpUrl === undefined) return RabbitMqUrls.parse(await ask('GET', '/rabbitmq'));
  return { amqpUrl, managementUrl: process.env['TEST_AMQP_MANAGEMENT_URL'] ?? usualManagementUrl(amqpUrl) };
};

const usualManagementUrl = (amqpUrl: string): string => {
  const { username, password, hostname } = new URL(amqpUrl);
  return `http://${username || 'guest'}:${password || 'guest'}@${hostname}:15672`;
};

/** A port below the range of outgoing connections, so that a service finds it free again when it restarts. */
export const freePort = async (): Promise<number> =>
  z.object({ port: z.int() }).parse(await ask('POST', '/ports')).port;

/** A service that is announced is ended with the test run, even when the worker that started it is killed. */
export const announceService = async (pid: number): Promise<void> => void (await ask('PUT', `/services/${pid}`));

export const forgetService = async (pid: number): Promise<void> => void (await ask('DELETE', `/services/${pid}`));

const ask = async (method: string, path: string): Promise<unknown> => {
  const url = process.env['TEST_INFRASTRUCTURE_URL'];
  if (url === undefined) {
    throw new Error(
      'no test infrastructure: run this file in the vitest project "integration" or "e2e" (vitest.config.ts)',
    );
  }
  const response = await fetch(url + path, { method, signal: AbortSignal.timeout(START_WITHIN_MS) });
  if (!response.ok) throw new Error(await response.text());
  const body: unknown = await response.json();
  return body;
};
