import { operationKey } from '@once/contracts';
import type { Lease, Perform } from '@once/idempotency';
import { traced } from '@once/service-kit';
import type { PaymentProvider } from '../provider/payment-provider.js';
import { nextCall, type ProviderCall } from './next-call.js';
import type { Observation } from './observation.js';
import type { Payment } from './payment.js';
import type { PaymentAnswer, PaymentInput } from './payment-work.js';

/** Calls of one drive at most, a bound against a provider whose answers never bring the payment nearer to its goal. */
const CALLS_MAX = 8;

/** The first answer that does not decide may be a late call's doing and settled a moment later; the second is told. */
const DOUBT_FROM_TOKEN = 2;

/**
 * Drives a payment to its goal: call → observe → next call, no transaction open in between.
 *
 * Survives: a crash anywhere (the lease expires and a rescuer drives on from the committed row), an answer that is lost
 * (the object is read; unchanged, it is sent the same call again), a second driver at the same time (calls name the
 * intent, whose state refuses a second application).
 */
export class PaymentDriver {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly submit: (input: PaymentInput) => Promise<PaymentAnswer>,
    /** The payment as it was a moment ago, if that is remembered. */
    private readonly recall: (orderId: string) => Payment | undefined,
  ) {}

  readonly perform: Perform = async (lease: Lease, signal: AbortSignal) => {
    let payment = await this.find(lease);
    for (let calls = 0; calls < CALLS_MAX && !signal.aborted; calls += 1) {
      const call = nextCall(payment);
      if (call === null) return (await this.isSettled(payment, lease)) ? 'finished' : 'unfinished';
      const result = await this.call(call, payment);
      if (result.kind === 'observed') {
        payment = await this.learn(payment, result.observation);
        if (result.observation.kind === 'stuck') return 'unfinished';
        continue;
      }
      const reread = await this.reread(payment, lease);
      if (reread === null) return 'unfinished';
      if (nextCall(reread) === call) {
        if (result.kind === 'refused') await this.giveUpKey(call, payment, lease, `${call}_refused`);
        return 'unfinished';
      }
      payment = reread;
    }
    const call = nextCall(payment);
    if (call !== null && !signal.aborted) await this.giveUpKey(call, payment, lease, `${call}_without_effect`);
    return 'unfinished';
  };

  /**
   * The provider keeps its answer under the call's key and would repeat it for as long as that lives, whatever the object has
   * become meanwhile. The object refuses a second application, so a new key is safe.
   */
  private async giveUpKey(call: ProviderCall, payment: Payment, lease: Lease, reason: string): Promise<void> {
    await this.learn(payment, { kind: 'stuck', call, generation: payment.generation });
    await this.doubt(payment, lease, reason);
  }

  /**
   * Who begins just after the claim was committed need not look: a moment always passes between look and call, in which the
   * payment may move on, and then the object that the call names refuses it, or what it did is returned. A rescuer looks.
   */
  private async find({ subject: orderId, key, token }: Lease): Promise<Payment> {
    const recent = token === 1 ? this.recall(orderId) : undefined;
    return recent !== undefined && asks(recent, key) ? recent : this.tell({ kind: 'review', orderId });
  }

  private call(call: ProviderCall, payment: Payment): ReturnType<PaymentProvider['call']> {
    const parent = payment.requests.find(({ isAnswered }) => !isAnswered)?.traceparent;
    const attributes = { 'once.order.id': payment.orderId };
    return traced(`provider ${call}`, 'client', parent, attributes, () => this.provider.call(call, payment));
  }

  /** Nothing is left to call. If a request is still open all the same, the provider is at work: look what it has. */
  private async isSettled(payment: Payment, lease: Lease): Promise<boolean> {
    if (payment.requests.every((request) => request.isAnswered)) return true;
    const reread = await this.reread(payment, lease);
    if (reread === null) return false;
    if (reread.requests.every((request) => request.isAnswered)) return true;
    if (nextCall(reread) === null) await this.doubt(reread, lease, `intent_${reread.intentStatus}`);
    return false;
  }

  private async reread(payment: Payment, lease: Lease): Promise<Payment | null> {
    if (payment.intentId === null) return null;
    const result = await this.provider.read(payment.intentId);
    if (result.kind === 'refused') await this.doubt(payment, lease, 'look_up_refused');
    if (result.kind !== 'observed') return null;
    let known = payment;
    for (const observation of result.observations) known = await this.learn(known, observation);
    return known;
  }

  /** The provider answers, and its answer does not decide. Work goes on; those who wait for it are told. */
  private async doubt(payment: Payment, lease: Lease, reason: string): Promise<void> {
    if (lease.token >= DOUBT_FROM_TOKEN) await this.learn(payment, { kind: 'undecided', reason });
  }

  private learn(payment: Payment, observation: Observation): Promise<Payment> {
    return this.tell({ kind: 'observation', orderId: payment.orderId, observation });
  }

  private async tell(input: PaymentInput & { readonly orderId: string }): Promise<Payment> {
    const answer = await this.submit(input);
    if (answer.kind !== 'known' || answer.payment === null) {
      throw new Error(`There is a step record but no payment of order ${input.orderId}.`);
    }
    return answer.payment;
  }
}

/** It is open whether the operation under this key is done. */
function asks({ requests }: Payment, key: string): boolean {
  return requests.some(({ operation, isAnswered }) => !isAnswered && operationKey(operation) === key);
}
