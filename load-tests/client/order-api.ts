/**
 * The order API as a careful customer uses it: an answer that says nothing about the order (none at all, a 5xx, "in
 * progress", "too many") is asked for again under the same key, never under a new one.
 */
import { sleep } from 'k6';
import http, { type RefinedResponse } from 'k6/http';

export type Answer = RefinedResponse<'text'>;

export interface OrderRequest {
  readonly customer: { readonly email: string };
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly payment: { readonly method: string };
}

export interface Order {
  readonly id: string;
  readonly status: 'pending' | 'confirmed' | 'cancelled' | 'parked';
  readonly reason?: string;
}

/** A minute of refused connections: longer than the restart of any process that a smoke run is meant to survive. */
const ATTEMPTS_MAX = 60;
const PAUSE_S = 1;
const ANSWER_WITHIN = '10s';

const orderUrl = __ENV['ORDER_URL'] ?? 'http://127.0.0.1:3000';
const headers = { authorization: `Bearer ${__ENV['API_KEY'] ?? 'sk_acme'}`, 'content-type': 'application/json' };

/** Answers at last, or with the last of too many unknown answers. */
export function placeOrder(key: string, request: OrderRequest): Answer {
  const post = (): Answer =>
    http.post(`${orderUrl}/orders`, JSON.stringify(request), {
      headers: { ...headers, 'idempotency-key': key },
      tags: { name: 'POST /orders' },
      timeout: ANSWER_WITHIN,
      responseType: 'text',
    });
  let answer = post();
  for (let attempt = 2; isUnknown(answer) && attempt <= ATTEMPTS_MAX; attempt += 1) {
    sleep(PAUSE_S);
    answer = post();
  }
  return answer;
}

/** Status 0 is k6's word for no answer; 409 means that the first try is still at work. */
function isUnknown(answer: Answer): boolean {
  return answer.status === 0 || answer.status === 409 || answer.status === 429 || answer.status >= 500;
}

/** The order once it is no longer pending, or as it stands when the time is up. */
export function awaitEnd(id: string, withinS: number): Order | undefined {
  const deadline = Date.now() + withinS * 1_000;
  let order = readOrder(id);
  while (order?.status !== 'confirmed' && order?.status !== 'cancelled' && Date.now() < deadline) {
    sleep(POLL_PAUSE_S);
    order = readOrder(id);
  }
  return order;
}

const POLL_PAUSE_S = 0.2;

function readOrder(id: string): Order | undefined {
  const answer = http.get(`${orderUrl}/orders/${id}`, {
    headers,
    tags: { name: 'GET /orders/{id}' },
    timeout: ANSWER_WITHIN,
    responseType: 'text',
  });
  return answer.status === 200 ? parseOrder(answer) : undefined;
}

export function parseOrder(answer: Answer): Order {
  const value: unknown = JSON.parse(answer.body ?? 'null');
  if (!isOrder(value)) throw new Error(`not an order: ${answer.body ?? 'no body'}`);
  return value;
}

function isOrder(value: unknown): value is Order {
  return typeof value === 'object' && value !== null && 'id' in value && 'status' in value;
}
