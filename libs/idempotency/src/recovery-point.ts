/**
 * The facts at which an operation can be resumed. Each is committed before what follows it begins, so whoever finds a
 * record knows how far its operation came, at least.
 */

/** The record of every operation that has an outcome, and of no other. */
export const FINISHED = 'finished';

/** What is to be done is committed; nothing has been sent. */
export const INTENDED = 'intended';

/** A call may have been sent. Without an outcome and without a live lease, what became of it is unknown. */
export const SENT = 'sent';

/** The outside answers, and its answer does not decide. */
export const PARKED = 'parked';
