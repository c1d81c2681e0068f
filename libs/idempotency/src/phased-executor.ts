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
 * a next step does not start after it. It must end by itself: a lease is renewed for as long as its work runs.
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
  /** Is told what went wrong; must not throw. */
  readonly onError: (error: unknown, lease: Lease | null) => void;
  /** Where in its range a pause falls, from 0 to 1. Standard: Math.random. */
  readonly random?: () => number;
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
 * database that is away for five sixths of a lease (after that `signal` aborts and a rescuer resumes).
 * Does not promise that two holders never overlap: a lease only makes that rare. What a stale holder does outside must
 * be harmless by itself (calls that name an object, or carry a fixed key), and its deciding writes match no row.
 */
export class PhasedExecutor {
  private readonly held = new Map<string, Holding>();
  private readonly queue: Lease[] = [];
  private readonly running = new Set<Promise<void>>();
  private heartbeat: NodeJS.Timeout | undefined;
  private nextExpiry: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;
  private isRenewing = false;
  private isStopped = false;

  constructor(
    private readonly store: LeaseStore,
    private readonly perform: Perform,
    private readonly options: PhasedOptions,
  ) {}

  /** Starts work whose claim was just committed with this lease. Returns at once. */
  begin(lease: Lease): void {
    // How long the statement took that made the claim is not known here, only its bound: half a lease.
    this.hold(lease, performance.now() - this.options.leaseMs / 2);
  }

  /** Somebody waits for this work, so it is not to wait for its pause: the next rescuer takes it. What runs here goes on. */
  async hurry(lease: Lease): Promise<void> {
    if (!this.held.has(nameOf(lease))) await this.store.release(lease, 0);
  }

  /** One pass of the rescuer: takes over what nobody holds any more, as far as there is room to perform it. */
  async runOnce(): Promise<RescueReport> {
    const room = this.options.concurrencyMax - this.held.size;
    if (room <= 0 || this.isStopped) return { takenOver: 0 };
    const claimedAt = performance.now();
    const leases = await this.store.takeOver(this.options.holder, this.options.leaseMs, room);
    for (const lease of leases) this.hold(lease, claimedAt);
    return { takenOver: leases.length };
  }

  /** Lets what runs come to its next safe point, gives the rest back, and waits for both. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const { abort } of this.held.values()) abort.abort();
    for (const lease of this.queue.splice(0)) this.track(this.giveBack(lease, 0));
    while (this.running.size > 0) await Promise.all(this.running);
    // Not before: what still runs is still ours.
    clearInterval(this.heartbeat);
    clearTimeout(this.nextExpiry?.timer);
  }

  private hold(lease: Lease, heldSince: number): void {
    if (this.held.has(nameOf(lease))) return;
    const isFull = this.held.size >= Math.max(HELD_MAX, this.options.concurrencyMax);
    if (this.isStopped || isFull) return this.track(this.giveBack(lease, 0));
    const holding: Holding = {
      lease,
      abort: new AbortController(),
      isRunning: false,
      renewedAt: heldSince,
    };
    this.held.set(nameOf(lease), holding);
    this.trust(holding, heldSince);
    this.heartbeat ??= setInterval(() => void this.renew(), this.options.leaseMs / RENEWALS_PER_LEASE).unref();
    this.queue.push(lease);
    this.fill();
  }

  private fill(): void {
    while (this.running.size < this.options.concurrencyMax) {
      const lease = this.queue.shift();
      if (lease === undefined) return;
      this.track(this.run(lease));
    }
  }

  private track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.running.delete(tracked);
      this.fill();
    });
    this.running.add(tracked);
  }

  private async run(lease: Lease): Promise<void> {
    const holding = this.held.get(nameOf(lease));
    if (holding === undefined || holding.abort.signal.aborted) return this.giveBack(lease, 0);
    holding.isRunning = true;
    let result: 'finished' | 'unfinished' = 'unfinished';
    try {
      result = await this.perform(lease, holding.abort.signal);
    } catch (error) {
      this.options.onError(error, lease);
    }
    if (result === 'finished') this.letGo(lease);
    else await this.giveBack(lease, this.isStopped ? 0 : this.backoffMs(lease.token));
  }

  private async giveBack(lease: Lease, afterMs: number): Promise<void> {
    this.letGo(lease);
    try {
      await this.store.release(lease, afterMs);
    } catch (error) {
      this.options.onError(error, lease); // it expires, and a rescuer comes then
    }
  }

  private letGo(lease: Lease): void {
    this.held.delete(nameOf(lease));
  }

  /** Each claim that ended without an outcome doubles the pause; jitter keeps replicas from marching in step. */
  private backoffMs(token: number): number {
    const ceilingMs = Math.min(this.options.backoffMsMax, BACKOFF_MS_MIN * 2 ** Math.min(token, 20));
    const random = this.options.random ?? Math.random;
    return ceilingMs * (0.5 + random() / 2);
  }

  /** Work that runs must outlive a fail-over of the database; work that waits can be begun again by somebody else. */
  private async renew(): Promise<void> {
    const renewedAt = performance.now();
    const waitingMs = this.options.leaseMs / RENEWALS_PER_LEASE_WAITING;
    const holdings = [...this.held.values()].filter(
      (holding) => holding.isRunning || renewedAt - holding.renewedAt >= waitingMs,
    );
    if (holdings.length === 0 || this.isRenewing) return;
    this.isRenewing = true;
    try {
      const leases = holdings.map((holding) => holding.lease);
      const kept = new Set((await this.store.renew(leases, this.options.leaseMs)).map(nameOf));
      for (const holding of holdings) {
        if (kept.has(nameOf(holding.lease))) this.trust(holding, renewedAt);
        else holding.abort.abort(); // finished by an observation, or taken over by a rescuer
      }
    } catch (error) {
      this.options.onError(error, null);
    } finally {
      this.isRenewing = false;
    }
  }

  /** Local time may only shorten trust in a lease: unless it is renewed, it counts as lost before it expires. */
  private trust(holding: Holding, since: number): void {
    if (!this.held.has(nameOf(holding.lease))) return;
    holding.renewedAt = since;
    this.expireFrom(this.trustedUntil(holding));
  }

  private trustedUntil({ renewedAt }: Holding): number {
    return renewedAt + this.options.leaseMs * TRUSTED_SHARE;
  }

  /** One timer for all leases, set to the first that can expire: hundreds are held per second, and hardly any expires. */
  private expireFrom(at: number): void {
    if (this.nextExpiry !== null && this.nextExpiry.at <= at) return;
    clearTimeout(this.nextExpiry?.timer);
    const timer = setTimeout(() => this.expire(), at - performance.now()).unref();
    this.nextExpiry = { at, timer };
  }

  private expire(): void {
    this.nextExpiry = null;
    const now = performance.now();
    for (const holding of this.held.values()) {
      if (holding.abort.signal.aborted) continue;
      const until = this.trustedUntil(holding);
      if (until <= now) holding.abort.abort();
      else this.expireFrom(until);
    }
  }
}

interface Holding {
  readonly lease: Lease;
  readonly abort: AbortController;
  isRunning: boolean;
  renewedAt: number;
}

/** A database may fail over while a lease lasts: of 30 s, 25 s without it plus 2 s since the last renewal are survived. */
const RENEWALS_PER_LEASE = 15;
const TRUSTED_SHARE = 0.95;

/** Each renewal writes a row, and thousands may wait here after a burst. */
const RENEWALS_PER_LEASE_WAITING = 3;

/** A bound for memory and renewals: minutes of work. What comes on top is left to whoever has room, through the store. */
const HELD_MAX = 5_000;

const BACKOFF_MS_MIN = 100;

function nameOf(lease: Lease): string {
  return `${lease.scope}\n${lease.key}\n${lease.token}`;
}
