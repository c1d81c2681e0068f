import { Readable } from 'node:stream';
import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import Stripe from 'stripe';

export interface GuardSettings {
  /** How long one request may take, answer included, before its outcome counts as unknown. */
  readonly timeoutMs: number;
  /** The longest pause between two looks whether a provider that was down is back. */
  readonly backoffMaxMs: number;
}

/** What happens to the provider as a whole; a single call that fails is no news. */
export type ProviderNews =
  | { readonly kind: 'down' | 'back' }
  /** 401 or 403: our key is wrong, which is about none of the orders. */
  | { readonly kind: 'key-refused'; readonly status: number };

export type Wire = NonNullable<Stripe.StripeConfig['httpClient']>;
type Request = Parameters<Wire['makeRequest']>;
type Answer = Awaited<ReturnType<Wire['makeRequest']>>;

/**
 * The SDK's way to the wire, with what keeps a slow, broken or absent provider from becoming our problem:
 *
 *   one request per call   the SDK sends a call again by itself when the connection was closed, whatever its settings say;
 *                          it recognises that by an error code, which no error has that leaves here
 *   bounded in number      64 at a time and as many waiting; more are refused at once
 *   bounded in time        from the first byte sent to the last byte read
 *   none while it is down  ten failures in a row open the circuit; then one request at a time looks whether it is back
 *
 * A request that is refused here was not sent. Its outcome counts as unknown all the same, which is always safe: the work
 * stays open and is tried again.
 */
export class GuardedClient extends Stripe.HttpClient {
  private readonly policy;

  constructor(
    settings: GuardSettings,
    private readonly tell: (news: ProviderNews) => void,
    private readonly inner: Pick<Wire, 'makeRequest'> = Stripe.createNodeHttpClient(),
  ) {
    super();
    const breaker = circuitBreaker(handleAll.orWhenResult(isOutage), {
      breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: Math.min(FIRST_LOOK_MS, settings.backoffMaxMs),
        maxDelay: settings.backoffMaxMs,
      }),
    });
    breaker.onStateChange((state) => {
      if (state === CircuitState.Open) this.say('down');
      if (state === CircuitState.Closed) this.say('back');
    });
    this.policy = wrap(
      bulkhead(REQUESTS_AT_ONCE_MAX, REQUESTS_WAITING_MAX),
      breaker,
      // Without abortOnReturn the signal would hang up on every answer, and no connection would be used twice.
      timeout(settings.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }),
    );
  }

  isDown = false;

  override getClientName(): string {
    return 'node';
  }

  override async makeRequest(...request: Request): Promise<Answer> {
    try {
      // A signal of its own: on the one that cockatiel shares by default, listeners of all calls would gather.
      const { signal: never } = new AbortController();
      const answer = await this.policy.execute(({ signal }) => this.ask(request, signal), never);
      const status = answer.getStatusCode();
      if (isKeyRefused(status)) this.tell({ kind: 'key-refused', status });
      return answer;
    } catch (error) {
      throw new UnansweredError(error);
    }
  }

  /** The body is read here, inside the bounds; the SDK would read it outside of them. */
  private async ask(request: Request, signal: AbortSignal): Promise<Answer> {
    const answer = await this.inner.makeRequest(...request);
    signal.addEventListener('abort', () => hangUp(answer), { once: true });
    const body: unknown = await answer.toJSON();
    return {
      getStatusCode: () => answer.getStatusCode(),
      getHeaders: () => answer.getHeaders(),
      getRawResponse: () => answer.getRawResponse(),
      toStream: (done) => answer.toStream(done),
      toJSON: () => Promise.resolve(body),
    };
  }

  private say(kind: 'down' | 'back'): void {
    const isDown = kind === 'down';
    if (isDown === this.isDown) return;
    this.isDown = isDown;
    this.tell({ kind });
  }
}

/** No definite answer came, or none was asked for. It carries no code, see above; what happened is its cause. */
class UnansweredError extends Error {
  override readonly name = 'UnansweredError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'The provider did not answer.', { cause });
  }
}

/** After the time is over, nobody reads on. */
function hangUp(answer: Answer): void {
  const raw = answer.getRawResponse();
  if (raw instanceof Readable) raw.destroy();
}

/** It cannot serve us at all, at this moment. Everything else is an answer to one call. */
function isOutage(answer: unknown): boolean {
  if (!isAnswer(answer)) return false;
  const status = answer.getStatusCode();
  return status >= 500 || status === 429 || isKeyRefused(status);
}

/** The library hands over whatever ran under the policy, and that is only ever an answer. */
const isAnswer = (result: unknown): result is Answer =>
  typeof result === 'object' && result !== null && 'getStatusCode' in result;

const isKeyRefused = (status: number): boolean => status === 401 || status === 403;

/** One order's bad luck is not the provider's end: even with every third call failing, ten in a row are one in 60,000. */
const FAILURES_IN_A_ROW = 10;
const FIRST_LOOK_MS = 250;

/** As many as payments are driven at a time, see payment-service.ts. */
const REQUESTS_AT_ONCE_MAX = 64;
const REQUESTS_WAITING_MAX = 64;
