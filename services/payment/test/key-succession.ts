import type { ProviderCall } from '../src/payment/next-call.js';
import type { CallResult } from '../src/provider/payment-provider.js';

/**
 * Watches which keys follow each other: a call gets a new one only after the provider has said no under its last. A key that
 * comes again is none: who remembers an older payment repeats its call, and hears what was kept under that key.
 */
export class KeySuccession {
  /** Keys that replaced another without such an answer. */
  readonly needless: string[] = [];
  private readonly known = new Set<string>();
  private readonly current = new Map<ProviderCall, string>();
  private readonly refused = new Set<string>();

  sent(call: ProviderCall, key: string): void {
    if (this.known.has(key)) return;
    this.known.add(key);
    const last = this.current.get(call);
    if (last !== undefined && !this.refused.has(last)) this.needless.push(key);
    this.current.set(call, key);
  }

  executed(key: string, result: CallResult): void {
    const isFailure = result.kind === 'observed' && result.observation.kind === 'stuck';
    if (result.kind === 'refused' || isFailure) this.refused.add(key);
  }
}
