import { randomId } from './random-id.js';
import type { StripeError } from './stripe-error.js';

/** What becomes of the caller's connection. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Silence, then a closed connection. `whenGone` is called once, when the caller gave up or the time is over. */
  | { readonly kind: 'hold'; readonly ms: number; readonly whenGone?: () => void }
  /** TCP RST. */
  | { readonly kind: 'reset' }
  /** TCP FIN without a byte. */
  | { readonly kind: 'close' };

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export function replyWith({ status, body }: Answer, headers: Readonly<Record<string, string>> = {}): Reply {
  const retryAfter: Record<string, string> = status === 429 ? { 'retry-after': '1' } : {};
  return {
    kind: 'answer',
    status,
    body,
    headers: { 'content-type': 'application/json', 'request-id': randomId('req'), ...retryAfter, ...headers },
  };
}

export const answerOf = ({ status, error }: StripeError): Answer => ({ status, body: JSON.stringify({ error }) });

/** What a proxy in front of the provider might send instead of its answer. */
export const GARBAGE: Reply = {
  kind: 'answer',
  status: 200,
  body: '<!doctype html><title>Welcome</title><h1>It works!</h1>\n',
  headers: { 'content-type': 'text/html' },
};
