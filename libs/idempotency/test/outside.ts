import type { Operation, Outcome, Resolution, Sink } from '../src/index.js';

type Behaviour = 'answers' | 'applies-and-loses-the-answer' | 'loses-the-request' | 'is-silent';

/** A service outside, with a ledger of what was sent to it. */
export class Outside implements Sink {
  /** What arrived, in the order of arrival. */
  readonly sent: Operation[] = [];
  behaviour: Behaviour = 'answers';
  /** Looked at when a request arrives. */
  onArrival: (operation: Operation) => Promise<void> | void = () => {};
  private readonly applied = new Map<string, Outcome>();

  constructor(readonly resolution: Resolution) {}

  async send(operation: Operation): Promise<Outcome> {
    if (this.behaviour === 'loses-the-request') throw new Error('connection reset');
    this.sent.push(operation);
    await this.onArrival(operation);
    if (this.behaviour === 'is-silent') return new Promise(() => {});
    const answer = this.applied.get(operation.key) ?? { number: this.sent.length };
    this.applied.set(operation.key, answer);
    if (this.behaviour === 'applies-and-loses-the-answer') throw new Error('connection reset');
    return answer;
  }
}
