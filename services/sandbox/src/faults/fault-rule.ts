import { z } from 'zod';

export const OPERATIONS = [
  'payment_intents.create',
  'payment_intents.confirm',
  'payment_intents.capture',
  'payment_intents.cancel',
  'payment_intents.retrieve',
  'payment_intents.search',
  'payment_intents.list',
  'refunds.create',
  'webhooks.deliver',
  'smtp.send',
  '*',
] as const;

/** Calls that only `*` can hit have no rule of their own. */
export type Operation = Exclude<(typeof OPERATIONS)[number], '*'> | 'refunds.list' | 'events.list';

const PROVIDER_FAULTS = [
  'apply_then_timeout',
  'timeout_without_applying',
  'apply_then_500',
  '500_without_applying',
  'apply_then_reset',
  'garbage_200',
  'late_apply',
  'conflict_409',
  'rate_limit_429',
  'forget_keys',
  'ignore_keys',
  'wrong_amount',
] as const;
const WEBHOOK_FAULTS = ['duplicate', 'reorder', 'drop', 'forge'] as const;
const MAIL_FAULTS = ['accept_then_timeout', 'reject_4xx', 'reject_5xx'] as const;
const ANYWHERE_FAULTS = ['slow', 'down'] as const;

export const FAULTS = [...PROVIDER_FAULTS, ...WEBHOOK_FAULTS, ...MAIL_FAULTS, ...ANYWHERE_FAULTS] as const;
export type Fault = (typeof FAULTS)[number];
export type ProviderFault = (typeof PROVIDER_FAULTS)[number] | (typeof ANYWHERE_FAULTS)[number];
export type WebhookFault = (typeof WEBHOOK_FAULTS)[number] | (typeof ANYWHERE_FAULTS)[number];
export type MailFault = (typeof MAIL_FAULTS)[number] | (typeof ANYWHERE_FAULTS)[number];

const faultRule = z.strictObject({
  operation: z.enum(OPERATIONS),
  fault: z.enum(FAULTS),
  /** Chance per call; default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** How often the rule may strike; default without end. */
  times: z.int().min(0).optional(),
  /** What it means depends on the fault; see `defaultDelayMs`. A day is longer than any run. */
  delayMs: z.int().min(0).max(86_400_000).optional(),
  match: z
    .strictObject({
      orderId: z.string().optional(),
      paymentMethod: z.string().optional(),
      email: z.string().optional(),
    })
    .optional(),
});
export type FaultRule = z.output<typeof faultRule>;

export const faultPlanDocument = z.strictObject({
  /** Decides every chance; the same seed gives the same faults. Default 1. */
  seed: z.int().default(1),
  /** As many as fit into the largest body that is read. */
  rules: z.array(faultRule).max(500),
});
export type FaultPlanDocument = z.output<typeof faultPlanDocument>;

const WAITS: Partial<Record<Fault, number>> = {
  accept_then_timeout: 120_000,
  apply_then_timeout: 120_000,
  late_apply: 1_000,
  reorder: 5_000,
  slow: 1_000,
  timeout_without_applying: 120_000,
};

/** Held sockets: for how long. `slow`: the extra wait. `late_apply`: after the client gave up. `reorder`: at most. */
export function delayOf(rule: FaultRule): number {
  return rule.delayMs ?? WAITS[rule.fault] ?? 0;
}

const includes = (faults: readonly Fault[], fault: Fault): boolean => faults.includes(fault);

/** Whether a rule speaks about this operation. `*` reaches as far as its fault makes sense, and no further. */
export function concerns(rule: FaultRule, operation: Operation): boolean {
  if (rule.operation !== '*' && rule.operation !== operation) return false;
  if (includes(ANYWHERE_FAULTS, rule.fault)) return true;
  if (operation === 'webhooks.deliver') return includes(WEBHOOK_FAULTS, rule.fault);
  if (operation === 'smtp.send') return includes(MAIL_FAULTS, rule.fault);
  if (!includes(PROVIDER_FAULTS, rule.fault)) return false;
  if (rule.fault === 'wrong_amount')
    return takesMoney(operation) || (operation === 'refunds.create' && rule.operation !== '*');
  return true;
}

/** A refund of a wrong amount is made only when a rule asks for it by name: no later refund is allowed to correct it. */
function takesMoney(operation: Operation): boolean {
  return (
    operation === 'payment_intents.create' ||
    operation === 'payment_intents.confirm' ||
    operation === 'payment_intents.capture'
  );
}
