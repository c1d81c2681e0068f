import type { Pool } from 'pg';
import type { World } from '../world/world.js';
import type { PaymentIntent } from './payment-intent.js';

/** Which authorisations are open, oldest first, and which of them have outlived their time. */
export class Authorisations {
  private readonly open = new Map<string, number>();

  constructor(
    private readonly pool: Pool,
    private readonly world: World,
  ) {}

  /** Continues those of earlier runs. */
  async load(): Promise<void> {
    const { rows } = await this.pool.query<{ id: string; authorisedAtMs: string }>(
      `select id, document ->> 'authorisedAtMs' as "authorisedAtMs" from payment_intent where status = 'requires_capture' order by seq`,
    );
    for (const row of rows) this.open.set(row.id, Number(row.authorisedAtMs));
  }

  observe(intent: PaymentIntent): void {
    if (intent.status !== 'requires_capture') this.open.delete(intent.id);
    else if (intent.authorisedAtMs !== null) this.open.set(intent.id, intent.authorisedAtMs);
  }

  hasExpired(intent: PaymentIntent, now: number): boolean {
    return (
      intent.status === 'requires_capture' && intent.authorisedAtMs !== null && this.isOver(intent.authorisedAtMs, now)
    );
  }

  /** Ids of expired authorisations, at most `limit`. */
  findExpired(now: number, limit: number): string[] {
    const expired: string[] = [];
    for (const [id, authorisedAtMs] of this.open) {
      if (!this.isOver(authorisedAtMs, now) || expired.length === limit) break;
      expired.push(id);
    }
    return expired;
  }

  private isOver(authorisedAtMs: number, now: number): boolean {
    return now - authorisedAtMs >= this.world.settings.authorisationLifeMs;
  }
}
