/**
 * What an operation answered, as a JSON object. Never null, which in a record means that there is no outcome yet. No
 * string in it may contain U+0000 or half a surrogate pair, which Postgres cannot keep in jsonb.
 */
export type Outcome = object;

/**
 * What became of one logical operation: one row, decided by one primary key (scope, key).
 *
 * `recoveryPoint` names the fact reached last, where a retry resumes. A record without `outcome` is being worked on by
 * the holder of its lease; when nobody holds the lease, a rescuer takes it. An outcome never changes.
 */
export interface IdempotencyRecord {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  /** The row that the operation is about, for whoever finds the record without its request: a rescuer, a purged key. */
  readonly subject: string;
  readonly recoveryPoint: string;
  /** Grows with each claim; every deciding write of the holder is conditional on it. */
  readonly leaseToken: number;
  /** By the database's clock at the time of reading. */
  readonly isLeaseLive: boolean;
  /** Milliseconds since the record was made, by the database's clock. */
  readonly ageMs: number;
  readonly outcome: Outcome | null;
}

/** A record to be inserted by the statement that also performs the work, or that commits the intent to perform it. */
export interface NewRecord {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly subject: string;
  readonly recoveryPoint: string;
  /** Present for work that is finished by this very statement. */
  readonly outcome?: Outcome;
  /** How long the record is kept once it is finished. Absent: as long as the row it is about. */
  readonly retentionMs?: number;
  /** Present for phased work: the inserting process holds the lease, with token 1. */
  readonly lease?: { readonly holder: string; readonly leaseMs: number };
}

/** An outcome for a record that was claimed before. */
export interface Completion {
  readonly scope: string;
  readonly key: string;
  readonly outcome: Outcome;
}
