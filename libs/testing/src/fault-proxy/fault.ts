import type { WireEvent, WireEventKind } from './wire-event.js';

/** What happens to the one event that a fault waits for. */
export interface Fault {
  readonly moment: 'before' | 'after';
  readonly event: WireEventKind;
  /** Which of those that match, from 1, counted from when the fault is armed and over all connections. Default 1. */
  readonly nth?: number;
  /** Which events count. Default: all of this kind. */
  readonly where?: (event: WireEvent) => boolean;
  readonly action: FaultAction;
}

/**
 * - `cut`: both sides get a reset. What stands before the event, and after it the event too, has been handed over.
 * - `hold`: this direction of the connection stands still until the fault is released; the rest of the world goes on.
 * - `delay`: the same, for a time.
 * - `kill`: SIGKILL to a process, or whatever the function does; then the connection is cut, so that what the dead never
 *   sent does not arrive.
 * - `call`: the function runs while the bytes wait; then they go on.
 */
export type FaultAction =
  | { readonly kind: 'cut' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'kill'; readonly victim: number | (() => unknown) }
  | { readonly kind: 'call'; readonly run: () => unknown };

/** A fault that waits for its event, or has struck. */
export class ArmedFault {
  /** Resolves with the event when the fault strikes; never when it is disarmed before. */
  readonly struck: Promise<WireEvent>;
  /** Resolves when a `hold` ends. */
  readonly released: Promise<void>;
  private matches = 0;
  private strikeNow: (event: WireEvent) => void = () => {};
  private releaseNow: () => void = () => {};
  private state: 'waiting' | 'struck' | 'disarmed' = 'waiting';

  constructor(readonly fault: Fault) {
    this.struck = new Promise((resolve) => (this.strikeNow = resolve));
    this.released = new Promise((resolve) => (this.releaseNow = resolve));
  }

  get hasStruck(): boolean {
    return this.state === 'struck';
  }

  /** Lets go what a `hold` holds. Does nothing else. */
  release(): void {
    this.releaseNow();
  }

  /** Whatever has not struck will not; what is held goes on. */
  disarm(): void {
    if (this.state === 'waiting') this.state = 'disarmed';
    this.release();
  }

  /** Counts the event and tells whether it is the one. */
  meets(moment: Fault['moment'], event: WireEvent): boolean {
    const { fault } = this;
    if (this.state !== 'waiting' || fault.moment !== moment || fault.event !== event.kind) return false;
    if (fault.where?.(event) === false) return false;
    this.matches += 1;
    if (this.matches !== (fault.nth ?? 1)) return false;
    this.state = 'struck';
    this.strikeNow(event);
    return true;
  }
}

export const describeFault = ({ fault: { moment, event, nth = 1, action } }: ArmedFault): string =>
  `${action.kind} ${moment} ${event} ${nth}`;
