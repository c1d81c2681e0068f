/** A time-limited claim on one record. Its holder may act on the world outside while the lease is live. */
export interface Lease {
  readonly scope: string;
  readonly key: string;
  /** The row that the work is about. */
  readonly subject: string;
  /** The fencing token: grows with each claim. */
  readonly token: number;
}

export interface LeaseStore {
  /** Claims up to `limit` unfinished records whose lease has expired, oldest first; each gets a new token. */
  takeOver(holder: string, leaseMs: number, limit: number): Promise<readonly Lease[]>;
  /** Extends the leases that are still held with these tokens; returns those, and only those. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]>;
  /** Gives the lease back: a rescuer may take the record after `afterMs`. */
  release(lease: Lease, afterMs: number): Promise<void>;
}

/**
 * Does the work. `signal` aborts when the lease is lost or the process stops; a call that must not be cut off ignores it,
 * a next step does not start after it.
 */
export type Perform = (lease: Lease, signal: AbortSignal) => Promise<'finished' | 'unfinished'>;

export interface PhasedOptions {
  /** Names this process in `leased_by`. */
  readonly holder: string;
  readonly leaseMs: number;
  /** Records performed at the same time at most. */
  readonly concurrencyMax: number;
  /** The longest pause before an unfinished record is tried again. */
  readonly backoffMsMax: number;
  readonly onError: (error: unknown, lease: Lease | null) => void;
}

export interface RescueReport {
  readonly takenOver: number;
}

/**
 * Carries phased work (work with a call to the outside) from its committed intent to its outcome.
 *
 * States of a record, seen from here:
 *   held        the intent is committed and this process holds the lease; `perform` runs, the heartbeat renews
 *   finished    `perform` committed an outcome
 *   released    `perform` came to no outcome; the lease is given back with a pause that grows with the token
 *   abandoned   the holder died or lost its lease; after expiry a rescuer anywhere claims it with a higher token
 *
 * Guarantees: work whose intent is committed is performed until it has an outcome, as long as any replica lives.
 * Survives: SIGKILL anywhere (the lease expires), SIGSTOP beyond the lease (the token of the stopped holder is stale), a
 * database that is away for a while (the heartbeat fails, `signal` aborts, the rescuer resumes).
 * Does not promise that two holders never overlap: a lease only makes that rare. What a stale holder does outside must
 * be harmless by itself (calls that name an object, or carry a fixed key), and its deciding writes match no row.
 */
export class PhasedExecutor {
  private readonly held = new Map<string, { lease: Lease; abort: AbortController; renewedAt: number }>();
  private readonly queue: Lease[] = [];
  private readonly running = new Set<Promise<void>>();
  private heartbeat: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly store: LeaseStore,
    private readonly perform: Perform,
    private readonly options: PhasedOptions,
  ) {}

  /** Starts work whose claim was just committed with this lease. Returns at once. */
  begin(lease: Lease): void {
    if (this.isStopped) return; // the lease expires and another replica takes over
    this.held.set(nameOf(lease), { lease, abort: new AbortController(), renewedAt: performance.now() });
    this.queue.push(lease);
    this.heartbeat ??= setInterval(() => void this.renewAll(), this.options.leaseMs / 3);
    this.fill();
  }

  /** One pass of the rescuer: takes over what nobody holds any more, as far as there is room to perform it. */
  async runOnce(): Promise<RescueReport> {
    const room = this.options.concurrencyMax - this.held.size;
    if (room <= 0 || this.isStopped) return { takenOver: 0 };
    const leases = await this.store.takeOver(this.options.holder, this.options.leaseMs, room);
    for (const lease of leases) this.begin(lease);
    return { takenOver: leases.length };
  }

  /** Lets what runs come to its next safe point, gives the rest back, and waits for both. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.heartbeat);
    for (const { abort } of this.held.values()) abort.abort();
    const idle = this.queue.splice(0);
    await Promise.all(idle.map((lease) => this.giveBack(lease, 0)));
    await Promise.all(this.running);
  }

  private fill(): void {
    while (this.running.size < this.options.concurrencyMax) {
      const lease = this.queue.shift();
      if (lease === undefined) return;
      const run = this.run(lease).finally(() => {
        this.running.delete(run);
        this.fill();
      });
      this.running.add(run);
    }
  }

  private async run(lease: Lease): Promise<void> {
    const holding = this.held.get(nameOf(lease));
    if (holding === undefined || holding.abort.signal.aborted) return this.giveBack(lease, 0);
    let result: 'finished' | 'unfinished' = 'unfinished';
    try {
      result = await this.perform(lease, holding.abort.signal);
    } catch (error) {
      this.options.onError(error, lease);
    }
    if (result === 'finished') this.held.delete(nameOf(lease));
    else await this.giveBack(lease, this.isStopped ? 0 : this.backoffMs(lease.token));
  }

  private async giveBack(lease: Lease, afterMs: number): Promise<void> {
    this.held.delete(nameOf(lease));
    await this.store.release(lease, afterMs).catch((error: unknown) => this.options.onError(error, lease));
  }

  /** Each claim that ended without an outcome doubles the pause; jitter keeps replicas from marching in step. */
  private backoffMs(token: number): number {
    const ceilingMs = Math.min(this.options.backoffMsMax, BACKOFF_MS_MIN * 2 ** Math.min(token, 20));
    return ceilingMs * (0.5 + Math.random() / 2);
  }

  private async renewAll(): Promise<void> {
    const holdings = [...this.held.values()];
    if (holdings.length === 0) return;
    const startedAt = performance.now();
    try {
      const kept = await this.store.renew(
        holdings.map((holding) => holding.lease),
        this.options.leaseMs,
      );
      const keptNames = new Set(kept.map(nameOf));
      for (const holding of holdings) {
        if (keptNames.has(nameOf(holding.lease))) holding.renewedAt = startedAt;
        else holding.abort.abort(); // finished by an observation, or taken over by a rescuer
      }
    } catch (error) {
      this.options.onError(error, null);
      // Local time may only shorten trust in a lease: without an answer it is lost a lease's length after its renewal.
      for (const holding of holdings) {
        if (performance.now() - holding.renewedAt > this.options.leaseMs * 0.9) holding.abort.abort();
      }
    }
  }
}

const BACKOFF_MS_MIN = 100;

function nameOf(lease: Lease): string {
  return `${lease.scope}\n${lease.key}\n${lease.token}`;
}
