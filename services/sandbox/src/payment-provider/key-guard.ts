import type { Draw } from '../faults/fault-plan.js';
import type { World } from '../world/world.js';
import type { ProviderCall } from './provider-call.js';
import type { StickyAnswers } from './sticky-answers.js';
import { keyUsedOtherwise, stripeErrors, type StripeError } from './stripe-error.js';

/** What an idempotency key says about the call that carries it. */
export type KeyVerdict =
  /** Nobody used it, or it is forgotten: the call goes on and holds it. */
  | { readonly kind: 'held' }
  | { readonly kind: 'refused'; readonly error: StripeError }
  | { readonly kind: 'answered'; readonly status: number };

/**
 * Stripe's treatment of idempotency keys: one request per key at a time, the first answer for ever after (500s too), and
 * never another request under the same key. A key is forgotten at the end of its life.
 */
export class KeyGuard {
  constructor(
    private readonly answers: StickyAnswers,
    private readonly world: World,
    private readonly clock: () => number,
  ) {}

  /** Judges and, if it is free, holds the key, in one turn of the event loop: of two twins one holds it. */
  async claim(key: string, { fingerprint, method, path }: ProviderCall, draw: Draw): Promise<KeyVerdict> {
    await this.answers.load(key);
    const running = this.answers.fingerprintInFlight(key);
    const used = this.answers.get(key);
    const isForgotten = used === undefined || draw.fault === 'forget_keys' || this.hasOutlived(used.firstAtMs);
    const first = running ?? (isForgotten ? undefined : used.fingerprint);

    if (first !== undefined && first !== fingerprint)
      return { kind: 'refused', error: keyUsedOtherwise(key, `${method} ${path}`) };
    if (running !== undefined) return { kind: 'refused', error: stripeErrors.keyInUse };
    if (!isForgotten) return { kind: 'answered', status: used.status };
    this.answers.hold(key, fingerprint);
    return { kind: 'held' };
  }

  release(key: string): void {
    this.answers.release(key);
  }

  private hasOutlived(firstAtMs: number): boolean {
    return this.clock() - firstAtMs >= this.world.settings.keyLifeMs;
  }
}
