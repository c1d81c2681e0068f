/**
 * Every guard that a control takes out: which service lacks it, and the invariants that must be found broken then. One of those
 * named is enough where the same loss can show in several ways. The entry point has the guard's name. `needsNoLuck`: the run turns
 * red on a slow machine too, so that these are the ones of which a commit chooses two.
 */
export const CONTROLS = [
  { guard: 'claim', needsNoLuck: true, service: 'order', breaks: ['one-order-per-key'] },
  { guard: 'fingerprint', needsNoLuck: true, service: 'order', breaks: ['one-request-per-key'] },
  { guard: 'stock-condition', service: 'order', breaks: ['stock-conserved'] },
  {
    guard: 'saga-version',
    service: 'order',
    breaks: ['stock-conserved', 'order-and-saga-agree', 'units-follow-the-order'],
  },
  { guard: 'outbox', service: 'order', breaks: ['every-saga-ends'] },
  { guard: 'confirm', service: 'order', breaks: ['every-saga-ends'] },
  { guard: 'acknowledgement', service: 'order', breaks: ['every-saga-ends'] },
  { guard: 'addressed-calls', needsNoLuck: true, service: 'payment', breaks: ['no-double-charge'] },
  { guard: 'provider-key', needsNoLuck: true, service: 'payment', breaks: ['one-provider-key-per-operation'] },
  {
    guard: 'return-reached',
    needsNoLuck: true,
    service: 'payment',
    breaks: ['nothing-left-authorised', 'net-is-what-the-order-says'],
  },
  { guard: 'amount', service: 'payment', breaks: ['net-is-what-the-order-says'] },
  { guard: 'rescuer', service: 'payment', breaks: ['nothing-in-progress-without-a-lease'] },
  { guard: 'step-identity', service: 'payment', breaks: ['every-saga-ends'] },
  { guard: 'message-id', service: 'notification', breaks: ['one-mail-per-transition'] },
  {
    guard: 'operation-match',
    service: 'order',
    breaks: ['order-and-saga-agree', 'net-is-what-the-order-says', 'orders-show-what-was-taken'],
  },
  { guard: 'generation', service: 'payment', breaks: ['every-saga-ends'] },
  {
    guard: 'payment-version',
    service: 'payment',
    breaks: ['commands-and-records-agree', 'books-match-the-ledger', 'every-saga-ends'],
  },
  { guard: 'tombstone', service: 'payment', breaks: ['nothing-left-authorised', 'net-is-what-the-order-says'] },
];
