/**
 * Every guard that a control takes out: which service lacks it, and the invariants that must be found broken then. One of those
 * named is enough where the same loss can show in several ways. The entry point has the guard's name.
 *
 * `run`: what its run is aimed with, where a missing guard shows only when certain things break; standard is STANDARD_RUN.
 * `also`: the entry point of another service, which lacks what would stand in for the guard.
 */
export const STANDARD_RUN = {
  faults: 'process,broker-connections,provider-answers,provider-habits,mail,webhooks',
  duration: '30s',
  often: '1',
};

export const CONTROLS = [
  { guard: 'claim', service: 'order', breaks: ['one-order-per-key'] },
  { guard: 'fingerprint', service: 'order', breaks: ['one-request-per-key'] },
  { guard: 'stock-condition', service: 'order', breaks: ['stock-conserved'] },
  {
    guard: 'saga-version',
    service: 'order',
    breaks: ['stock-conserved', 'order-and-saga-agree', 'units-follow-the-order'],
  },
  { guard: 'operation-match', service: 'order', breaks: ['one-answer-per-operation'] },
  {
    guard: 'outbox',
    service: 'order',
    breaks: ['every-saga-ends'],
    run: { faults: 'kill,broker-stop', duration: '40s', often: '2' },
  },
  {
    guard: 'confirm',
    service: 'order',
    breaks: ['every-saga-ends'],
    run: { faults: 'kill,broker-connections', duration: '40s', often: '2' },
  },
  {
    guard: 'acknowledgement',
    service: 'order',
    breaks: ['every-saga-ends'],
    run: { faults: 'kill,broker-connections', duration: '40s', often: '2' },
  },
  { guard: 'addressed-calls', service: 'payment', breaks: ['no-double-charge'] },
  { guard: 'intent-before-call', service: 'payment', breaks: ['nothing-left-authorised'] },
  { guard: 'provider-key', service: 'payment', breaks: ['one-provider-key-per-operation'] },
  {
    guard: 'generation',
    service: 'payment',
    breaks: ['every-saga-ends'],
    run: { faults: 'apply_then_500,500_without_applying', duration: '30s', often: '4' },
  },
  {
    guard: 'return-reached',
    service: 'payment',
    breaks: ['nothing-left-authorised', 'net-is-what-the-order-says'],
  },
  {
    guard: 'tombstone',
    service: 'payment',
    breaks: ['nothing-left-authorised', 'net-is-what-the-order-says'],
    run: { faults: 'stop', duration: '40s', often: '3' },
  },
  {
    guard: 'amount',
    service: 'payment',
    breaks: ['net-is-what-the-order-says'],
    run: { faults: 'wrong_amount', duration: '30s', often: '6' },
  },
  {
    guard: 'rescuer',
    service: 'payment',
    also: { order: 'without-asking-again' },
    breaks: ['nothing-in-progress-without-a-lease'],
    run: { faults: 'kill,500_without_applying,down', duration: '40s', often: '2' },
  },
  { guard: 'step-identity', service: 'payment', breaks: ['every-saga-ends'] },
  {
    guard: 'minted-at',
    service: 'payment',
    breaks: ['no-double-charge'],
    run: { faults: 'kill', duration: '30s', often: '1' },
  },
  {
    guard: 'fencing',
    service: 'payment',
    breaks: ['commands-and-records-agree', 'books-match-the-ledger', 'every-saga-ends'],
    run: { faults: 'stop,webhooks', duration: '40s', often: '2' },
  },
  {
    guard: 'message-id',
    service: 'notification',
    breaks: ['one-mail-per-transition'],
    run: { faults: 'mail', duration: '30s', often: '2' },
  },
];
