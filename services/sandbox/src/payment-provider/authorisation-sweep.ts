import type { Authorisations } from './authorisations.js';
import type { CallExecution } from './call-execution.js';
import type { IntentStore } from './intent-store.js';

/** How late an expiry may be noticed when nobody asks about the intent; a call about it notices at once. */
const INTERVAL_MS = 250;

const BATCH_MAX = 500;

/** Voids authorisations that nobody captured in time. */
export class AuthorisationSweep {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly authorisations: Authorisations,
    private readonly intents: IntentStore,
    private readonly execution: CallExecution,
    private readonly clock: () => number,
    private readonly log: (message: string) => void,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => {
      this.runOnce().catch((error: unknown) => this.log(`authorisation sweep: ${String(error)}`));
    }, INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async runOnce(): Promise<{ readonly expired: number }> {
    const ids = this.authorisations.findExpired(this.clock(), BATCH_MAX);
    await Promise.all(
      ids.map(async (id) => {
        await this.intents.load(id);
        await this.execution.expire(id);
      }),
    );
    return { expired: ids.length };
  }
}
