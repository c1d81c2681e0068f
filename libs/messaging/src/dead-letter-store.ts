/** A message that will not be tried again by itself. */
export interface DeadLetter {
  readonly id: string;
  /** Null where the bytes do not tell. */
  readonly messageId: string | null;
  readonly type: string | null;
  readonly sagaId: string | null;
  readonly reason: string;
  readonly attempts: number;
  readonly firstFailedAt: Date;
  readonly deadLetteredAt: Date;
  /** When it was last sent back on purpose, to fail again. */
  readonly redrivenAt: Date | null;
}

export interface DeadLetterDetail extends DeadLetter {
  readonly stack: string | null;
  /** As they came. They are shown, never edited. */
  readonly body: Buffer;
  /** What the broker said about the message. */
  readonly properties: unknown;
}

export type DeadLetterPage =
  | { readonly kind: 'page'; readonly data: readonly DeadLetter[]; readonly nextCursor: string | null }
  | { readonly kind: 'bad-cursor' };

/** What an operator does with dead letters. */
export interface DeadLetterStore {
  /** Newest first. */
  list(limit: number, cursor: string | null): Promise<DeadLetterPage>;
  find(id: string): Promise<DeadLetterDetail | undefined>;
  /**
   * Sends it back on purpose: its attempts start anew, with the same bytes and so the same ids. False when there is no
   * such dead letter (any more).
   */
  redrive(id: string): Promise<boolean>;
  /** It is of no use; the note says why. It stays readable until the reaper takes it. */
  discard(id: string, note: string): Promise<boolean>;
}
