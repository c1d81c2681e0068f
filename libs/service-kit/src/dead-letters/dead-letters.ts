/** Messages that a service has given up, as the operator's routes need them; the service passes in whoever keeps them. */
export interface DeadLetters {
  /** Newest first. */
  list(limit: number, cursor: string | null): Promise<DeadLettersPage>;
  find(id: string): Promise<DeadLetterDetail | undefined>;
  /** Both are false when there is no such dead letter any more: somebody was faster. */
  redrive(id: string): Promise<boolean>;
  discard(id: string, note: string): Promise<boolean>;
}

export type DeadLettersPage =
  | { readonly kind: 'page'; readonly data: readonly object[]; readonly nextCursor: string | null }
  | { readonly kind: 'bad-cursor' };

export interface DeadLetterDetail {
  readonly id: string;
  /** As they came. They are shown, never edited. */
  readonly body: Buffer;
}

export const DEAD_LETTERS = Symbol('DEAD_LETTERS');
