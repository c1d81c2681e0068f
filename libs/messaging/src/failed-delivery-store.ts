/** A message that could not be handled at its delivery: it waits for a retry, or is a dead letter. */
export interface FailedDelivery {
  /** The original bytes. */
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Null where the bytes do not tell. */
  readonly messageId: string | null;
  readonly type: string | null;
  readonly sagaId: string | null;
  readonly reason: string;
  readonly stack: string | null;
  /** Attempts that have been made. */
  readonly attempts: number;
  readonly next: NextStep;
}

export type NextStep = { readonly kind: 'retry'; readonly afterMs: number } | { readonly kind: 'dead-letter' };

/** A retry that is due, claimed by one sweeper. `attempt` was counted with the claim and is its fencing token. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly body: Buffer;
  readonly attempt: number;
}

/** Every write is durable when its promise resolves; only then may the broker forget the message. */
export interface FailedDeliveryStore {
  /** Attempts of a redelivered message that have been counted. */
  attemptsOf(messageId: string): Promise<number>;
  /** Counts one more, before it is made, and returns how many there are. */
  countAttempt(messageId: string): Promise<number>;
  /** The message was handled; its count is of no use any more. */
  forgetAttempts(messageId: string): Promise<void>;

  record(failure: FailedDelivery): Promise<void>;
  claimDue(limit: number, leaseMs: number): Promise<readonly ClaimedDelivery[]>;
  /** The following take effect only while the claim holds, and return whether it did. */
  resolve(claimed: ClaimedDelivery): Promise<boolean>;
  failAgain(claimed: ClaimedDelivery, reason: string, stack: string | null, next: NextStep): Promise<boolean>;
}
