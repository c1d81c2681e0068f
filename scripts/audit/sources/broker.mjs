import { setTimeout as pause } from 'node:timers/promises';
import { UnjudgeableError } from '../unjudgeable.mjs';

const ANSWER_WITHIN_MS = 10_000;

/** RabbitMQ counts the messages of a quorum queue every five seconds; three counts are enough to believe one. */
const COUNTED_WITHIN_MS = 16_000;
const LOOK_EVERY_MS = 1_000;

const SERVICE_QUEUE = /^once\.(order|payment|notification)(\.dead)?$/;

/** The queues of one virtual host, over the management API. */
export class Broker {
  #origin;
  #vhost;
  #authorization;
  #expectedConsumers;

  /**
   * @param {{ managementUrl: string, vhost: string, expectedConsumers?: Record<string, number> }} options
   *   the URL carries user and password; `expectedConsumers` by service, where that is known
   */
  constructor({ managementUrl, vhost, expectedConsumers = {} }) {
    const { origin, username, password } = new URL(managementUrl);
    this.#origin = origin;
    this.#vhost = vhost;
    this.#authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
    this.#expectedConsumers = expectedConsumers;
  }

  /**
   * Counts lag behind by seconds, so a queue that seems to hold messages, or to lack consumers, is looked at until two counts
   * later; what is really stuck is still there then.
   */
  async copyInto(scratch) {
    const deadline = performance.now() + COUNTED_WITHIN_MS;
    for (;;) {
      const queues = await this.queues();
      if (queues.every(isQuiet) || performance.now() > deadline) {
        await scratch.fill('queue', queues);
        return;
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  async queues() {
    const found = await this.#read(`/api/queues/${encodeURIComponent(this.#vhost)}`);
    const queues = found.flatMap((queue) => {
      const match = SERVICE_QUEUE.exec(queue.name);
      if (!match) return [];
      const isDeadLetter = match[2] !== undefined;
      return [
        {
          name: queue.name,
          // A queue that was declared a moment ago has no counts yet.
          ready: queue.messages_ready ?? 0,
          unacknowledged: queue.messages_unacknowledged ?? 0,
          consumers: queue.consumers ?? 0,
          expected_consumers: isDeadLetter ? 0 : (this.#expectedConsumers[match[1]] ?? null),
          is_dead_letter: isDeadLetter,
        },
      ];
    });
    if (queues.length > 0) return queues;
    throw new UnjudgeableError(`The virtual host "${this.#vhost}" of the broker has no queue of ours.`);
  }

  async #read(path) {
    const url = this.#origin + path;
    try {
      const response = await fetch(url, {
        headers: { authorization: this.#authorization },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (!response.ok) throw new Error(`it answers ${response.status}`);
      return await response.json();
    } catch (error) {
      const reason = error.cause?.message ?? error.message;
      throw new UnjudgeableError(`The broker's management API at ${url} cannot be read: ${reason}.`, { cause: error });
    }
  }
}

const isQuiet = ({ ready, unacknowledged, consumers, expected_consumers: expected, is_dead_letter: isDeadLetter }) => {
  if (ready + unacknowledged > 0) return false;
  return isDeadLetter || (expected === null ? consumers > 0 : consumers === expected);
};
