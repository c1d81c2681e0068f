import {
  FaultProxy,
  spawnSystem,
  type ArmedFault,
  type ServiceName,
  type SpawnedService,
  type SpawnedSystem,
  type SystemOptions,
  type WireEvent,
} from '@once/testing';
import { onTestFinished } from 'vitest';

export const WATCHED = ['order', 'payment', 'notification'] as const;
export type Watched = (typeof WATCHED)[number];

/**
 *   decided  what the service decides: a request, a command, a reply, what an answer or an event of the provider tells
 *   left     the row of a message is deleted, because the broker has it
 */
export const COMMIT_KINDS = ['decided', 'left'] as const;
export type CommitKind = (typeof COMMIT_KINDS)[number];

/** Before: the statement never reaches the database. After: the database has committed, and nobody hears of it. */
export type Side = 'before' | 'after';

export type CommitCounts = Readonly<Record<Watched, Readonly<Record<CommitKind, number>>>>;

const LEFT = /delete from outbox_message/;

/** The statements that commit something about an order. */
const STATEMENTS: Readonly<Record<Watched, Readonly<Record<CommitKind, RegExp>>>> = {
  order: { decided: /insert into customer_order/, left: LEFT },
  payment: { decided: /insert into payment/, left: LEFT },
  notification: { decided: /insert into correspondence/, left: LEFT },
};

/**
 * The other statements that change rows when there are any: those of agents, which look several times a second and change
 * something when a process has died, and of leases, which are renewed for as long as a call takes. How often they commit is a
 * matter of time and not of the order, so they have no number; a kill before one is a kill after the commit before it.
 */
const ELSEWHERE = [
  /^with due as \( select id from outbox_message .* update outbox_message/,
  /^update outbox_message .* set last_error/,
  /update saga .* set timer_at/,
  /^with expired as \( select scope, key from idempotency_record .* update idempotency_record/,
  /^with held as .* update idempotency_record .* set lease_expires_at/,
  /^update idempotency_record set lease_expires_at/,
  /delete from idempotency_record/,
  /update failed_delivery/,
  /reconciliation_(run|drift)/,
] as const;

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
  static async of(options: Omit<SystemOptions, 'route'>): Promise<WatchedCommits> {
    const proxies = new Map<ServiceName, FaultProxy>();
    const system = await spawnSystem({
      ...options,
      route: async (service, env) => {
        const { DATABASE_URL: url } = env;
        if (url === undefined || service === 'sandbox') return env;
        const proxy = await FaultProxy.before(url);
        proxies.set(service, proxy);
        return { ...env, DATABASE_URL: proxy.url };
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

  get processes(): readonly SpawnedService[] {
    return this.replicas.map(({ process }) => process);
  }

  /** Counts what each service commits until the function is called that this returns. */
  count(): () => CommitCounts {
    const recordings = this.replicas.map(({ service, proxy }) => ({ service, stop: proxy.record() }));
    return () => {
      const commits = recordings.flatMap(({ service, stop }) =>
        stop()
          .filter(({ kind, detail }) => kind === 'commit' && !isElsewhere(detail))
          .map((event) => ({ service, kind: countedKindOf(service, event) })),
      );
      const countOf = (service: Watched, kind: CommitKind): number =>
        commits.filter((commit) => commit.service === service && commit.kind === kind).length;
      const countsOf = (service: Watched) => ({ decided: countOf(service, 'decided'), left: countOf(service, 'left') });
      return { order: countsOf('order'), payment: countsOf('payment'), notification: countsOf('notification') };
    };
  }

  /** Kills the replica that makes the service's n-th commit of this kind from now on, whichever of the two it is. */
  killAt(service: Watched, commit: CommitKind, n: number, side: Side): KillAtCommit {
    let met = 0;
    const armed = this.replicas
      .filter((replica) => replica.service === service)
      .map(({ process, proxy }) => {
        const fault = proxy.arm({
          moment: 'before',
          event: side === 'before' ? 'commit' : 'commit-answer',
          where: (event) => kindOf(service, event) === commit && ++met === n,
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

  disarm(): void {
    for (const { fault } of this.armed) fault.disarm();
  }

  /** Starts the victim again, as a supervisor does. Resolves when it is ready; never, when the commit does not come. */
  async struckAndRestarted(): Promise<void> {
    const victim = await Promise.race(this.armed.map(({ fault, process }) => fault.struck.then(() => process)));
    this.disarm();
    await victim.kill();
    await victim.start();
  }
}

const kindOf = (service: Watched, { detail }: WireEvent): CommitKind | undefined =>
  COMMIT_KINDS.find((kind) => STATEMENTS[service][kind].test(detail));

const isElsewhere = (detail: string): boolean => ELSEWHERE.some((statement) => statement.test(detail));

/** A statement that nobody has told apart yet may commit something about an order: no count is right without it. */
function countedKindOf(service: Watched, event: WireEvent): CommitKind {
  const kind = kindOf(service, event);
  if (kind === undefined) throw new Error(`the ${service} service commits what nobody has counted: ${event.detail}`);
  return kind;
}
