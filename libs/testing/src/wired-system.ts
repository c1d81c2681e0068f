import { onTestFinished, TestRunner } from 'vitest';
import { FaultProxy } from './fault-proxy/fault-proxy.js';
import { spawnSystem, type ServiceName, type SpawnedSystem, type SystemOptions } from './spawned-system.js';

/** One line between two parts of the system, with the service that suffers when it is hurt. */
export interface Wire {
  /** `payment-provider`: the payment service's line to its provider; `order1-broker`: of the second order service. */
  readonly name: string;
  readonly service: 'order' | 'payment' | 'notification';
  readonly proxy: FaultProxy;
}

export interface WiredSystem extends SpawnedSystem {
  readonly wires: readonly Wire[];
  /** Where customers reach the order service, through a wire of its own. */
  readonly customersUrl: string;
  close(): Promise<void>;
}

/**
 * The whole system with a fault proxy on each line: the customers', and of each service the lines to its broker, its
 * database, its provider or its mailbox, and of its provider to it.
 */
export const spawnWiredSystem = async (options: Omit<SystemOptions, 'route'> = {}): Promise<WiredSystem> => {
  const wires: Wire[] = [];
  const lay = async (name: string, service: Wire['service'], url: string): Promise<string> => {
    const proxy = await FaultProxy.before(url);
    wires.push({ name, service, proxy });
    return proxy.url;
  };
  const close = async (): Promise<void> => {
    await Promise.all(wires.map(({ proxy }) => proxy.close()));
  };
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(close);
  const system = await spawnSystem({
    ...options,
    route: (service, env, replica) => routed(service, env, replica, lay),
  });
  const customersUrl = await lay('order-customers', 'order', system.order.url);
  return { ...system, wires: wires.toSorted((a, b) => a.name.localeCompare(b.name)), customersUrl, close };
};

type LayWire = (name: string, service: Wire['service'], url: string) => Promise<string>;

async function routed(
  service: ServiceName,
  env: Readonly<Record<string, string>>,
  replica: number,
  lay: LayWire,
): Promise<Record<string, string>> {
  const through = async (variable: string, of: Wire['service'], peer: string): Promise<Record<string, string>> => {
    const url = env[variable];
    return url === undefined ? {} : { [variable]: await lay(`${of}${replica === 0 ? '' : replica}-${peer}`, of, url) };
  };
  if (service === 'sandbox') return { ...env, ...(await through('SANDBOX_WEBHOOK_URL', 'payment', 'webhooks')) };
  return {
    ...env,
    ...(await through('AMQP_URL', service, 'broker')),
    ...(await through('DATABASE_URL', service, 'database')),
    ...(service === 'payment' ? await through('PAYMENT_PROVIDER_URL', service, 'provider') : {}),
    ...(service === 'notification' ? await through('SMTP_URL', service, 'mailbox') : {}),
  };
}
