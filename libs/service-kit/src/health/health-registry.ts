import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** What one dependency says of itself. `isUp` decides; `detail` is shown. */
export interface HealthReport {
  readonly isUp: boolean;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

export interface HealthIndicator {
  readonly name: string;
  /** Whether the service refuses traffic while this is down. The broker's state is only shown: orders wait in the outbox. */
  readonly decidesReadiness: boolean;
  check(): Promise<HealthReport> | HealthReport;
}

export interface Readiness {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, { readonly status: 'up' | 'down' }>>;
}

/** Two seconds: an indicator that takes longer is down for whoever waits for the answer. */
const CHECK_MAX_MS = 2_000;

/** The dependencies this process reports on. Whoever opens one registers it. */
@Injectable()
export class HealthRegistry {
  private readonly indicators: HealthIndicator[] = [];

  register(indicator: HealthIndicator): void {
    this.indicators.push(indicator);
  }

  async check(): Promise<Readiness> {
    const results = await Promise.all(
      this.indicators.map(async (indicator) => ({ indicator, report: await ask(indicator) })),
    );
    return {
      isReady: results.every(({ indicator, report }) => report.isUp || !indicator.decidesReadiness),
      checks: Object.fromEntries(
        results.map(({ indicator, report }) => [
          indicator.name,
          { status: report.isUp ? ('up' as const) : ('down' as const), ...report.detail },
        ]),
      ),
    };
  }
}

async function ask(indicator: HealthIndicator): Promise<HealthReport> {
  const abort = new AbortController();
  try {
    return await Promise.race([indicator.check(), reportSilence(abort.signal)]);
  } catch (error) {
    return { isUp: false, detail: { error: error instanceof Error ? error.message : String(error) } };
  } finally {
    abort.abort();
  }
}

async function reportSilence(signal: AbortSignal): Promise<HealthReport> {
  // Aborted once the indicator has answered; the race has then been decided and nobody reads this.
  await pause(CHECK_MAX_MS, undefined, { signal, ref: false }).catch(() => undefined);
  return { isUp: false, detail: { error: `no answer in ${CHECK_MAX_MS} ms` } };
}
