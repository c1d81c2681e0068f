import { onTestFinished, TestRunner } from 'vitest';
import { spawnService, type SpawnedService } from './spawned-service.js';
import { testDatabase, type TestDatabase } from './test-database.js';
import { freePort } from './test-infrastructure.js';
import { testVhost, type TestVhost } from './test-vhost.js';

export interface SystemOptions {
  /** Added to the environment of every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** A built copy of the repository to run instead of this one, for proofs that take a guard out. */
  readonly directory?: string;
  /** Default: a vhost of its own on the tests' common broker. */
  readonly broker?: TestVhost;
  /** How many order services there are. Default 1; the others are in `replicas`. */
  readonly orderReplicas?: number;
  /** Given the environment of each service before it starts, returns what it is to be: the place for a proxy. */
  readonly route?: (
    service: ServiceName,
    env: Readonly<Record<string, string>>,
    replica: number,
  ) => Promise<Readonly<Record<string, string>>>;
}

/** The whole system: the three services and the world outside, each with a database of its own, on a vhost of its own. */
export interface SpawnedSystem {
  readonly order: SpawnedService;
  readonly payment: SpawnedService;
  readonly notification: SpawnedService;
  readonly sandbox: SpawnedService;
  readonly databases: { readonly [Service in ServiceName]: TestDatabase };
  readonly broker: TestVhost;
  /** Order services beside the first. */
  readonly replicas: readonly SpawnedService[];
}

const SERVICES = ['sandbox', 'order', 'payment', 'notification'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Starts the system and waits until every part is ready. It ends with the test, or the file, that started it. */
export const spawnSystem = async ({
  env = {},
  directory,
  broker,
  orderReplicas = 1,
  route = (_service, env) => Promise.resolve(env),
}: SystemOptions = {}): Promise<SpawnedSystem> => {
  const [vhost, smtpPort, ...parts] = await Promise.all([
    broker ?? testVhost(),
    freePort(),
    ...SERVICES.map(async (name) => ({ name, database: await testDatabase(), port: await freePort() })),
  ]);
  if (TestRunner.getCurrentTest() !== undefined) {
    onTestFinished(async () => {
      await Promise.all([
        broker === undefined ? vhost.close() : null,
        ...parts.map(({ database }) => database.close()),
      ]);
    });
  }
  const portOf = (name: ServiceName): number => parts.find((part) => part.name === name)?.port ?? 0;
  const shared = {
    AMQP_URL: vhost.amqpUrl,
    AMQP_MANAGEMENT_URL: vhost.managementUrl,
    PAYMENT_PROVIDER_URL: `http://127.0.0.1:${portOf('sandbox')}`,
    SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${portOf('payment')}/webhooks/stripe`,
    SMTP_PORT: String(smtpPort),
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    LOG_LEVEL: 'warn',
    ...env,
  };
  const started = await Promise.all(
    parts.map(async ({ name, database, port }) => {
      const start = async (replica: number): Promise<SpawnedService> =>
        spawnService({
          name,
          replica,
          ...(replica === 0 ? { port } : {}),
          env: await route(name, { ...shared, DATABASE_URL: database.url }, replica),
          ...(directory === undefined ? {} : { entry: `${directory}/services/${name}/dist/main.js` }),
        });
      const others = Array.from({ length: name === 'order' ? orderReplicas - 1 : 0 }, (_, n) => start(n + 1));
      const [service, ...replicas] = await Promise.all([start(0), ...others]);
      return { name, database, service, replicas };
    }),
  );
  const find = (name: ServiceName) => {
    const part = started.find((candidate) => candidate.name === name);
    if (part === undefined) throw new Error(`${name} was not started`);
    return part;
  };
  return {
    order: find('order').service,
    payment: find('payment').service,
    notification: find('notification').service,
    sandbox: find('sandbox').service,
    databases: {
      order: find('order').database,
      payment: find('payment').database,
      notification: find('notification').database,
      sandbox: find('sandbox').database,
    },
    broker: vhost,
    replicas: started.flatMap(({ replicas }) => replicas),
  };
};
