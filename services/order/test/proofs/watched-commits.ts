import {
  FaultProxy,
  spawnSystem,
  type ArmedFault,
  type SpawnedService,
  type SpawnedSystem,
  type SystemOptions,
  type WireEvent,
} from '@once/testing';
import { onTestFinished } from 'vitest';

export const WATCHED = ['order', 'payment', 'notification'] as const;
export type Watched = (typeof WATCHED)[number];

/** Before: the statement never reaches the database. After: the database has committed, and nobody hears of it. */
export type Side = 'before' | 'after';

/** The statements that commit what a service has decided. Agents that look for work commit too, and are not meant. */
const DECISIONS: Readonly<Record<Watched, RegExp>> = {
  order: /insert into customer_order/,
  payment: /insert into payment/,
  notification: /insert into correspondence/,
};

interface Replica {
  readonly service: Watched;
  readonly process: SpawnedService;
  readonly proxy: FaultProxy;
}

/** Two replicas of each service, each with a proxy before its database that knows a COMMIT when it passes. */
export class WatchedCommits {
  private constructor(
    readonly system: SpawnedSystem,
    private readonly replicas: readonly Replica[],
  ) {}

  /** Started for the test that is running, and closed with it. */
  static async of(options: SystemOptions): Promise<WatchedCommits> {
    const proxies = new Map<string, FaultProxy>();
    const system = await spawnSystem({
      ...options,
      databaseUrlOf: async (service, url) => {
        const proxy = await FaultProxy.before(url);
        proxies.set(service, proxy);
        return proxy.url;
      },
    });
    const pairs = await Promise.all(
      WATCHED.map(async (service): Promise<readonly Replica[]> => {
        const first = proxies.get(service);
        if (first === undefined) throw new Error(`${service} has no proxy`);
        const second = await FaultProxy.before(system.databases[service].url);
        const process = await system[service].replica(1, { DATABASE_URL: second.url });
        return [
          { service, process: system[service], proxy: first },
          { service, process, proxy: second },
        ];
      }),
    );
    const watched = new WatchedCommits(system, pairs.flat());
    onTestFinished(() => watched.close());
    return watched;
  }

  /** Counts the decisions of each service that are committed until the function is called that this returns. */
  count(): () => Readonly<Record<Watched, number>> {
    const recordings = this.replicas.map(({ service, proxy }) => ({ service, stop: proxy.record() }));
    return () => {
      const counts = { order: 0, payment: 0, notification: 0 };
      for (const { service, stop } of recordings) {
        counts[service] += stop().filter((event) => event.kind === 'commit' && isDecision(service, event)).length;
      }
      return counts;
    };
  }

  /** Kills the replica that commits the service's n-th decision from now on, whichever of the two it is. */
  killAt(service: Watched, n: number, side: Side): KillAtCommit {
    let met = 0;
    const armed = this.replicas
      .filter((replica) => replica.service === service)
      .map(({ process, proxy }) => {
        const fault = proxy.arm({
          moment: 'before',
          event: side === 'before' ? 'commit' : 'commit-answer',
          where: (event) => isDecision(service, event) && ++met === n,
          action: { kind: 'kill', victim: () => process.kill() },
        });
        return { fault, process };
      });
    return new KillAtCommit(armed);
  }

  private async close(): Promise<void> {
    await Promise.all(this.replicas.map(({ proxy }) => proxy.close()));
  }
}

export class KillAtCommit {
  constructor(private readonly armed: readonly { readonly fault: ArmedFault; readonly process: SpawnedService }[]) {}

  get hasStruck(): boolean {
    return this.armed.some(({ fault }) => fault.hasStruck);
  }

  /** Starts the victim again, as a supervisor does. Resolves when it is ready; never, when the commit does not come. */
  async struckAndRestarted(): Promise<void> {
    const victim = await Promise.race(this.armed.map(({ fault, process }) => fault.struck.then(() => process)));
    for (const { fault } of this.armed) fault.disarm();
    await victim.kill();
    await victim.start();
  }
}

const isDecision = (service: Watched, { detail }: WireEvent): boolean => DECISIONS[service].test(detail);
