/**
 * Requests of which every single one is on record, with its answer or with none: one line of JSON each in k6's log, as
 * `npm run audit -- --requests` reads it. k6 itself re-sends a request whose reused connection was dead, so a line is a request
 * of the customer; how often it reached a server is counted there.
 */
import { sleep } from 'k6';
import { sha256 } from 'k6/crypto';
import http, { type RefinedResponse } from 'k6/http';
import type { OrderRequest } from './order-api.ts';
import type { Story } from './story.ts';

export type Answer = RefinedResponse<'text'>;

/** k6 provides it, its types do not say so. */
declare const console: { log(line: string): void };

/** Above every pause of a healthy system; an answer that takes longer is as good as none. */
const ANSWER_WITHIN = '8s';

/** Longer than all faults of a run and the healing together: who is still asking then has found something. */
const ASK_WITHIN_S = Number(__ENV['ASK_WITHIN_S'] ?? 180);
const PAUSE_S = 0.5;

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly key?: string;
  readonly body?: string;
}

/** Places the order and asks again, at the other replica and under the same key, until an answer is definite. */
export function placeUntilDefinite(story: Story, wish: OrderRequest): Answer {
  return untilDefinite((attempt) => send(story, placing(story, wish), attempt));
}

/** The same request, so many times at once, over all replicas. */
export function placeAtOnce(story: Story, wish: OrderRequest, times: number): readonly Answer[] {
  return placeAllAtOnce(Array.from({ length: times }, () => ({ story, wish })));
}

/** Requests of several customers at once, over all replicas. */
export function placeAllAtOnce(wishes: readonly { story: Story; wish: OrderRequest }[]): readonly Answer[] {
  const requests = wishes.map(({ story, wish }) => ({ story, request: placing(story, wish) }));
  const sentAt = new Date();
  const answers = http.batch(
    requests.map(({ story, request }, number) => [
      request.method,
      urlOf(story, request, number),
      request.body ?? null,
      parametersOf(story, request),
    ]),
  );
  requests.forEach(({ story, request }, number) => {
    const answer = answers[number];
    if (answer !== undefined) record(story, request, sentAt, endOf(sentAt, answer), answer);
  });
  return answers;
}

export function cancelUntilDefinite(story: Story, orderId: string): Answer {
  return untilDefinite((attempt) => send(story, { method: 'POST', path: `/orders/${orderId}/cancel` }, attempt));
}

export function readOnce(story: Story, orderId: string, attempt = 0): Answer {
  return send(story, { method: 'GET', path: `/orders/${orderId}` }, attempt);
}

const placing = (story: Story, wish: OrderRequest): Request => ({
  method: 'POST',
  path: '/orders',
  key: story.key,
  body: JSON.stringify(wish),
});

function untilDefinite(ask: (attempt: number) => Answer): Answer {
  const deadline = Date.now() + ASK_WITHIN_S * 1_000;
  let answer = ask(0);
  for (let attempt = 1; !isDefinite(answer) && Date.now() < deadline; attempt += 1) {
    sleep(PAUSE_S);
    answer = ask(attempt);
  }
  return answer;
}

/** Status 0 is k6's word for no answer; 409 says that the first try is still at work, 429 and 5xx say nothing. */
export function isDefinite({ status }: Answer): boolean {
  return status >= 200 && status < 500 && status !== 409 && status !== 429;
}

export function orderIdOf(answer: Answer): string | undefined {
  return orderOf(answer)?.id;
}

function send(story: Story, request: Request, attempt: number): Answer {
  const sentAt = new Date();
  const url = urlOf(story, request, attempt);
  const answer = http.request(request.method, url, request.body ?? null, parametersOf(story, request));
  record(story, request, sentAt, new Date(), answer);
  return answer;
}

/** Whoever got no answer tries the next replica: that a key is known there too is half of the promise. */
const urlOf = (story: Story, { path }: Request, attempt: number): string =>
  `${story.urls[attempt % story.urls.length] ?? ''}${path}`;

const parametersOf = (story: Story, { key, body, method, path }: Request) => ({
  headers: {
    authorization: `Bearer ${story.account.apiKey}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  },
  tags: { name: `${method} ${path.replace(/[0-9a-f-]{36}/, '{id}')}` },
  timeout: ANSWER_WITHIN,
  responseType: 'text' as const,
});

const endOf = (sentAt: Date, { timings, status }: Answer): Date =>
  new Date(status === 0 ? Date.now() : sentAt.getTime() + timings.blocked + timings.connecting + timings.duration);

function record(story: Story, request: Request, sentAt: Date, receivedAt: Date, answer: Answer): void {
  const isAnswered = answer.status !== 0;
  const order = orderOf(answer);
  const line = {
    sent_at: sentAt,
    received_at: isAnswered ? receivedAt : null,
    ended_at: receivedAt,
    account: story.account.name,
    key: request.key ?? null,
    fingerprint: request.body === undefined ? null : sha256(request.body, 'hex'),
    method: request.method,
    path: request.path,
    status: isAnswered ? answer.status : null,
    body_digest: isAnswered ? sha256(answer.body ?? '', 'hex') : null,
    order_id: order?.id ?? null,
    order_status: order?.status ?? null,
    error: isAnswered ? null : answer.error,
    is_replay: answer.headers['Idempotent-Replayed'] === 'true',
  };
  console.log(JSON.stringify(line));
}

function orderOf(answer: Answer): { readonly id: string; readonly status: string } | undefined {
  if (answer.status !== 200 && answer.status !== 202) return undefined;
  const value: unknown = JSON.parse(answer.body ?? 'null');
  return isOrder(value) ? value : undefined;
}

function isOrder(value: unknown): value is { readonly id: string; readonly status: string } {
  return typeof value === 'object' && value !== null && 'id' in value && 'status' in value;
}
