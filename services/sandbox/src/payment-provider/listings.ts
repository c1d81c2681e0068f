import type { Pool } from 'pg';
import type { Operation } from '../faults/fault-rule.js';
import type { Form } from '../http/form.js';
import type { World } from '../world/world.js';
import { answer, refuse, refuseUnread, type Decision } from './decision.js';
import {
  listEventsForm,
  listIntentsForm,
  listRefundsForm,
  parseParameters,
  searchIntentsForm,
  type PageWindow,
} from './parameters.js';
import { intentIdOfCharge, type PaymentIntent } from './payment-intent.js';
import type { Refund } from './refund.js';
import { pageQuery, type Condition } from './page-query.js';
import { orderIdOfQuery } from './search-query.js';
import { invalidRequest } from './stripe-error.js';
import { drawIntent, drawRefund } from './stripe-objects.js';

/**
 * Lists and searches, newest first, straight from the disk: whatever has been answered is on disk (journal.ts), so a list
 * can not miss it.
 */
export class Listings {
  constructor(
    private readonly pool: Pool,
    private readonly world: World,
    private readonly clock: () => number,
  ) {}

  /** Undefined when the operation is no list. */
  async find(operation: Operation, form: Form): Promise<Decision | undefined> {
    if (operation === 'payment_intents.list') return this.listIntents(form);
    if (operation === 'payment_intents.search') return this.searchIntents(form);
    if (operation === 'refunds.list') return this.listRefunds(form);
    if (operation === 'events.list') return this.listEvents(form);
    return undefined;
  }

  private async listIntents(form: Form): Promise<Decision> {
    const parsed = parseParameters(listIntentsForm, form);
    if (parsed.kind === 'refused') return refuseUnread(parsed.error);
    const draw = drawerOf(parsed.value.expand);
    return this.page<PaymentIntent>('payment_intent', '/v1/payment_intents', parsed.value, [], draw);
  }

  private async listRefunds(form: Form): Promise<Decision> {
    const parsed = parseParameters(listRefundsForm, form);
    if (parsed.kind === 'refused') return refuseUnread(parsed.error);
    const { charge, payment_intent } = parsed.value;
    const conditions: Condition[] = [];
    if (payment_intent !== undefined) conditions.push({ sql: 'payment_intent =', value: payment_intent });
    if (charge !== undefined) conditions.push({ sql: 'payment_intent =', value: intentIdOfCharge(charge) });
    return this.page<Refund>('refund', '/v1/refunds', parsed.value, conditions, drawRefund);
  }

  private async listEvents(form: Form): Promise<Decision> {
    const parsed = parseParameters(listEventsForm, form);
    if (parsed.kind === 'refused') return refuseUnread(parsed.error);
    const { type, types } = parsed.value;
    const conditions: Condition[] = [];
    if (type !== undefined) conditions.push({ sql: 'type = any', value: [type] });
    if (types !== undefined) conditions.push({ sql: 'type = any', value: types });
    return this.page<object>('event', '/v1/events', parsed.value, conditions, (event) => event);
  }

  /** Lags behind by `searchDelayMs`, as an index that is filled later does: a miss proves nothing. */
  private async searchIntents(form: Form): Promise<Decision> {
    const parsed = parseParameters(searchIntentsForm, form);
    if (parsed.kind === 'refused') return refuseUnread(parsed.error);
    const { expand, limit, query } = parsed.value;
    const orderId = orderIdOfQuery(query);
    if (orderId === null)
      return refuse(invalidRequest(`Only metadata['order_id']:'…' can be searched for.`, { param: 'query' }));
    const indexedUntil = new Date(this.clock() - this.world.settings.searchDelayMs).toISOString();
    const { rows } = await this.pool.query<{ document: PaymentIntent }>(
      `select document from payment_intent where order_id = $1 and created_at <= $2 order by created_at desc, seq desc limit $3`,
      [orderId, indexedUntil, limit],
    );
    const data = rows.map((row) => drawerOf(expand)(row.document));
    return answer({
      object: 'search_result',
      data,
      has_more: false,
      next_page: null,
      url: '/v1/payment_intents/search',
    });
  }

  private async page<Row>(
    table: 'payment_intent' | 'refund' | 'event',
    url: string,
    window: PageWindow,
    conditions: readonly Condition[],
    draw: (document: Row) => object,
  ): Promise<Decision> {
    const { sql, values } = pageQuery(table, window, conditions);
    const { rows } = await this.pool.query<{ document: Row }>(sql, values);
    const data = rows.slice(0, window.limit).map((row) => draw(row.document));
    if (window.ending_before !== undefined) data.reverse();
    return answer({ object: 'list', data, has_more: rows.length > window.limit, url });
  }
}

const drawerOf =
  (expand: readonly string[]) =>
  (intent: PaymentIntent): object =>
    drawIntent(intent, { latestCharge: expand.includes('data.latest_charge') });
