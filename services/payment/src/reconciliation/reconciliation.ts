import type { Drift } from './drift.js';
import type { ReconciliationReport, Reconciler, TimeWindow } from './reconciler.js';
import type { OpenDrift, ReconciliationStore } from './reconciliation-store.js';

export interface ReconciliationTerms {
  readonly everyMs: number;
  /** How far back a scheduled run looks. */
  readonly windowMs: number;
}

/** Runs reconciliations and keeps what they find: one after the other, on schedule by one replica at a time, or when asked. */
export class Reconciliation {
  constructor(
    private readonly reconciler: Reconciler,
    private readonly store: ReconciliationStore,
    private readonly terms: ReconciliationTerms,
    private readonly onDrift: (drift: Drift) => void,
  ) {}

  /** One scheduled pass; null when another replica has this one. */
  async runOnce(signal?: AbortSignal): Promise<ReconciliationReport | null> {
    if (!(await this.store.claim(this.terms.everyMs))) return null;
    return this.run(this.lastWindow(), signal);
  }

  async run(window: TimeWindow, signal?: AbortSignal): Promise<ReconciliationReport> {
    const report = await this.reconciler.reconcile(window, signal);
    await this.store.record(report);
    for (const drift of report.open) this.onDrift(drift);
    return report;
  }

  lastWindow(windowMs = this.terms.windowMs): TimeWindow {
    const to = new Date();
    return { from: new Date(to.getTime() - windowMs), to };
  }

  openDrifts(): Promise<readonly OpenDrift[]> {
    return this.store.openDrifts();
  }
}
