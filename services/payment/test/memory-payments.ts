import { operationKey } from '@once/contracts';
import type { IdempotencyRecord, Lease, NewRecord } from '@once/idempotency';
import type { Payment, RequestKind } from '../src/payment/payment.js';
import {
  decide,
  type PaymentAnswer,
  type PaymentChange,
  type PaymentDecision,
  type PaymentInput,
  type Reply,
} from '../src/payment/payment-work.js';
import { arriving, MESSAGE, NOW, ORDER_ID, TERMS } from './payments.js';

/** The service's decisions over a payment and its step records in memory; every submission is decided and applied at once. */
export class MemoryPayments {
  payment: Payment | null = null;
  /** Every version of the payment, oldest first. */
  readonly past: Payment[] = [];
  readonly replies: Reply[] = [];
  private readonly records = new Map<string, IdempotencyRecord>();

  /** Awaited before a submission is decided. */
  constructor(private readonly turn: (what: string) => Promise<unknown> = () => Promise.resolve()) {}

  readonly submit = async (input: PaymentInput): Promise<PaymentAnswer> => {
    await this.turn(`decide ${input.kind}`);
    const record = input.kind === 'request' ? this.records.get(operationKey(input.request.operation)) : undefined;
    const decision = decide({ payment: this.payment, record: record ?? null, now: NOW }, input, TERMS);
    if (decision.kind === 'change') this.apply(decision.change);
    return decision.answer;
  };

  /** A command arrives; its lease is what a driver then performs. */
  async request(kind: RequestKind, fields: Parameters<typeof arriving>[1] = {}): Promise<Lease> {
    const request = arriving(kind, fields);
    await this.submit({ kind: 'request', request, message: MESSAGE });
    return leaseOf(operationKey(request.operation));
  }

  get answers(): readonly string[] {
    return this.replies.map(({ payload }) =>
      [payload.operation.step, payload.operation.direction, payload.outcome, payload.reason].filter(Boolean).join(' '),
    );
  }

  /** The leases of what is not finished, as a rescuer takes them over. */
  get unfinished(): readonly Lease[] {
    return [...this.records.values()].filter(({ outcome }) => outcome === null).map(({ key }) => leaseOf(key));
  }

  private apply({ payment, records, completions, replies }: PaymentChange): void {
    if (payment !== null) {
      this.payment = { ...payment, version: payment.version + 1 };
      this.past.push(this.payment);
    }
    for (const record of records) this.records.set(record.key, storedRecord(record));
    for (const { key, outcome } of completions) {
      const known = this.records.get(key);
      if (known !== undefined && known.outcome === null) {
        this.records.set(key, { ...known, outcome, recoveryPoint: 'finished' });
      }
    }
    this.replies.push(...replies);
  }
}

const leaseOf = (key: string): Lease => ({ scope: 'step', key, subject: ORDER_ID, token: 1 });

export const storedRecord = ({
  scope,
  key,
  fingerprint,
  subject,
  recoveryPoint,
  outcome,
}: NewRecord): IdempotencyRecord => ({
  scope,
  key,
  fingerprint,
  subject,
  recoveryPoint,
  leaseToken: 1,
  isLeaseLive: outcome === undefined,
  ageMs: 0,
  outcome: outcome ?? null,
});

export const changeOf = (decision: PaymentDecision): PaymentChange => {
  if (decision.kind !== 'change') throw new Error(`nothing changes: ${JSON.stringify(decision.answer)}`);
  return decision.change;
};

/** The record that a request left, as it is loaded later. */
export const recordOf = (decision: PaymentDecision): IdempotencyRecord => {
  const [record] = changeOf(decision).records;
  if (record === undefined) throw new Error('the change has no record');
  return storedRecord(record);
};
