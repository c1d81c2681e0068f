/** Every fault that the payment provider, its webhooks and the mailbox know, each in force for some seconds. */

/** Long enough that a dozen calls meet the fault, and short enough that every fault has several turns. */
const IN_FORCE_MS = 3_500;

/** Most orders meet a fault in force, and most calls are right in the end. */
const PROBABILITY = 0.35;

/** What an answer can be. Sockets are held for longer than anybody waits. */
const ANSWERS = [
  { fault: 'apply_then_timeout', delayMs: 5_000 },
  { fault: 'timeout_without_applying', delayMs: 5_000 },
  { fault: 'apply_then_500' },
  { fault: '500_without_applying' },
  { fault: 'apply_then_reset' },
  { fault: 'garbage_200' },
  { fault: 'late_apply', delayMs: 1_500 },
  { fault: 'conflict_409' },
  { fault: 'rate_limit_429' },
];
/** What else a provider can be like. */
const HABITS = [
  { fault: 'slow', delayMs: 300 },
  { fault: 'forget_keys' },
  { fault: 'ignore_keys' },
  { fault: 'wrong_amount', probability: 0.2 },
  { fault: 'down' },
];
const WEBHOOKS = ['duplicate', 'reorder', 'drop', 'forge'].map((fault) => ({
  fault,
  operation: 'webhooks.deliver',
  probability: 0.6,
}));
const MAILS = [
  { fault: 'accept_then_timeout', delayMs: 2_000 },
  { fault: 'reject_4xx' },
  { fault: 'reject_5xx', probability: 0.1 },
].map((rule) => ({ operation: 'smtp.send', ...rule }));

export const worldFaults = (world) =>
  [
    ['provider-answers', ANSWERS, 3],
    ['provider-habits', HABITS, 4],
    ['webhooks', WEBHOOKS, 4],
    ['mail', MAILS, 4],
  ].flatMap(([lane, rules, perTwoMinutes]) => rules.map((rule) => worldFault(world, { lane, perTwoMinutes }, rule)));

const worldFault = (world, { lane, perTwoMinutes }, { fault, operation = '*', ...given }) => {
  const rule = { probability: PROBABILITY, ...given, operation, fault };
  return {
    name: fault,
    lane,
    perTwoMinutes,
    rule,
    lastsMs: IN_FORCE_MS,
    targets: [operation],
    says: () => `the world outside: ${fault}${operation === '*' ? '' : ` on ${operation}`}`,
    strike: () => world.add(rule),
  };
};
