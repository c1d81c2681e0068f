/** How a rate of customers per second is shared between the scenarios. */
import type { Options, Scenario } from 'k6/options';

const SHARES = {
  steadyOrder: 0.6,
  duplicateStorm: 0.1,
  bodySwitch: 0.1,
  cancellation: 0.18,
  lastUnit: 0.02,
} as const;

/** Until faults are healed a customer may be kept waiting: this many seconds' worth of them are asking at a time. */
const WAITING_S = 15;

export interface Load {
  /** New customers per second. */
  readonly rate: number;
  readonly duration: string;
}

/**
 * The rates and the duration can be set from outside: RATE (customers per second) and DURATION (`120s`). Customers who are
 * still without a definite answer at the end go on asking.
 */
export function mixOf({ rate, duration }: Load): Options {
  const perSecond = Number(__ENV['RATE'] ?? rate);
  const scenarios: Record<string, Scenario> = {};
  for (const [exec, share] of Object.entries(SHARES)) {
    const customers = Math.max(1, Math.round(perSecond * share * 60));
    scenarios[exec] = {
      executor: 'constant-arrival-rate',
      exec,
      rate: customers,
      timeUnit: '60s',
      duration: __ENV['DURATION'] ?? duration,
      preAllocatedVUs: Math.ceil(perSecond * share * 2),
      maxVUs: Math.max(5, Math.ceil(perSecond * share * WAITING_S)),
      gracefulStop: __ENV['GRACE'] ?? '240s',
    };
  }
  return { scenarios, thresholds: { checks: ['rate==1'] }, discardResponseBodies: false };
}
