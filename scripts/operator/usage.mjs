import { LaunchError } from '../lib/errors.mjs';

export const USAGE = `npm run once -- <command>

  sagas [status]                               parked sagas with the money at stake; or those of a status, or "all"
  sagas show <id>                              one of them, and what happened to its order
  sagas retry <id> --note "…"                  have a parked one asked again
  sagas resolve <id> applied|not_applied --note "…"
                                               decide it; the payment service is asked first
  order <id>                                   an order, what happened to it, and what the provider booked
  stock [sku [available]]                      units of every SKU, or of one; with a number, sets what is available
  reconcile [--hours <n>]                      hold our books against the provider's list; exit code 1 when they differ
  dead-letters                                 messages that a service has given up
  dead-letters show|redrive <id>               look at one; have it handled again
  dead-letters discard <id> --note "…"         throw it away

  --json     the answer as JSON
  OPERATOR_KEY (op_demo), ONCE_HOME, ONCE_PORT_BASE, or ORDER_URL, PAYMENT_URL, NOTIFICATION_URL, SANDBOX_URL`;

/** What was typed is no command: the answer is how to type it. */
export const misused = (why) => new LaunchError(`${why}\n\n${USAGE}`);

/** A note is asked for wherever something is decided: it is what the next operator reads. */
export const requireNote = (note) => {
  if (note) return note;
  throw misused('Say why: --note "…"');
};
