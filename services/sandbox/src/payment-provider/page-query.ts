import type { Created, PageWindow } from './parameters.js';

export interface Condition {
  /** Left side and operator, written here in the source; the value is always a parameter. */
  readonly sql: 'payment_intent =' | 'type = any' | 'created_at >=' | 'created_at <';
  readonly value: unknown;
}

/** One page and one row more, which tells whether another page follows. */
export function pageQuery(
  table: 'payment_intent' | 'refund' | 'event',
  { created, ending_before, limit, starting_after }: PageWindow,
  conditions: readonly Condition[],
): { readonly sql: string; readonly values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const where = [...conditions, ...conditionsOf(created)].map(({ sql, value }) => `${sql} (${parameter(value)})`);
  if (starting_after !== undefined) where.push(besides(table, '<', parameter(starting_after)));
  if (ending_before !== undefined) where.push(besides(table, '>', parameter(ending_before)));

  const direction = ending_before === undefined ? 'desc' : 'asc';
  const sql = `
    select document from ${table}
    ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
    order by created_at ${direction}, seq ${direction}
    limit ${parameter(limit + 1)}`;
  return { sql, values };
}

function besides(table: string, side: '<' | '>', id: string): string {
  return `(created_at, seq) ${side} (select created_at, seq from ${table} where id = ${id})`;
}

/** Stripe counts whole seconds, rounded down. */
function conditionsOf(created: Created | undefined): Condition[] {
  const { gt, gte, lt, lte } = { gt: undefined, gte: undefined, lt: undefined, lte: undefined, ...created };
  const from = [gte, gt === undefined ? undefined : gt + 1].filter((second) => second !== undefined);
  const until = [lt, lte === undefined ? undefined : lte + 1].filter((second) => second !== undefined);
  return [
    ...from.map((second): Condition => ({ sql: 'created_at >=', value: at(second) })),
    ...until.map((second): Condition => ({ sql: 'created_at <', value: at(second) })),
  ];
}

const at = (second: number): string => new Date(second * 1_000).toISOString();
