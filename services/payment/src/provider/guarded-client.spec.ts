import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuardedClient, type ProviderNews } from './guarded-client.js';

type Sent = (respond: (status: number) => void, fail: (error: Error) => void) => void;

/** A guarded client in front of a wire that does what the test says; nothing answers by itself. */
class Wire {
  sent = 0;
  readonly news: ProviderNews[] = [];
  readonly client: GuardedClient;

  constructor(private readonly onSend: Sent) {
    const inner = {
      makeRequest: () =>
        new Promise<Answer>((resolve, reject) => {
          this.sent += 1;
          this.onSend((status) => resolve(new Answer(status)), reject);
        }),
    };
    this.client = new GuardedClient({ timeoutMs: 1_000, backoffMaxMs: 4_000 }, (news) => this.news.push(news), inner);
  }

  /** The status, or the error. */
  ask(): Promise<unknown> {
    return this.client.makeRequest('h', '1', '/', 'POST', {}, '', 'http', 1_000).then(
      (answer) => answer.getStatusCode(),
      (error: unknown) => error,
    );
  }

  async askInARow(times: number): Promise<void> {
    for (let asked = 0; asked < times; asked += 1) await this.ask();
  }
}

class Answer extends Stripe.HttpClientResponse {
  constructor(status: number) {
    super(status, {});
  }

  override getRawResponse(): unknown {
    return null;
  }

  override toJSON(): Promise<unknown> {
    return Promise.resolve({});
  }
}

const answering = (status: number) => new Wire((respond) => respond(status));
const silent = () => new Wire(() => undefined);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a request that fails', () => {
  it.each(['ECONNRESET', 'EPIPE'])('leaves without the code %s, by which the SDK would send it again', async (code) => {
    const error = Object.assign(new Error('closed'), { code });
    const failed = await new Wire((_respond, fail) => fail(error)).ask();
    expect(failed).toBeInstanceOf(Error);
    expect(failed).not.toHaveProperty('code');
    expect(failed).toHaveProperty('cause', error);
  });

  it('is given up after its time, although somebody still holds the line', async () => {
    const asked = silent().ask();
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await asked).toBeInstanceOf(Error);
  });
});

describe('a provider that is down', () => {
  it.each([500, 503, 429, 401])('is not asked any more after ten answers of %i in a row', async (status) => {
    const wire = answering(status);
    await wire.askInARow(15);
    expect(wire.sent).toBe(10);
    expect(wire.news).toContainEqual({ kind: 'down' });
    expect(wire.client.isDown).toBe(true);
  });

  it.each([200, 400, 402, 404, 409])('is not what answers of %i mean', async (status) => {
    const wire = answering(status);
    await wire.askInARow(15);
    expect(wire.sent).toBe(15);
    expect(wire.news).toEqual([]);
  });

  it('is looked for by one request at a time, ever less often, and used again once it answers', async () => {
    let status = 500;
    const wire = new Wire((respond) => respond(status));
    await wire.askInARow(10);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all([wire.ask(), wire.ask(), wire.ask()])).toEqual([
      500,
      expect.any(Error),
      expect.any(Error),
    ]);
    expect(wire.sent).toBe(11);

    status = 200;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all([wire.ask(), wire.ask(), wire.ask()])).toEqual([200, 200, 200]);
    expect(wire.news).toEqual([{ kind: 'down' }, { kind: 'back' }]);
    expect(wire.client.isDown).toBe(false);
  });

  it('is not made out of every third call failing', async () => {
    let calls = 0;
    const wire = new Wire((respond) => respond((calls += 1) % 3 === 0 ? 500 : 200));
    await wire.askInARow(300);
    expect(wire.sent).toBe(300);
  });
});

describe('a wrong key', () => {
  it.each([401, 403])('is news each time: %i', async (status) => {
    const wire = answering(status);
    await wire.ask();
    expect(wire.news).toEqual([{ kind: 'key-refused', status }]);
  });
});

describe('many requests', () => {
  it('go out 64 at a time; as many wait, and more are refused at once', async () => {
    const wire = silent();
    const asked = Array.from({ length: 130 }, () => wire.ask());
    const refused = await Promise.all(asked.slice(128));
    expect(wire.sent).toBe(64);
    expect(refused).toEqual([expect.any(Error), expect.any(Error)]);
  });
});
