import { z } from 'zod';
import { parseApiKeys } from './api-keys.js';

/** Ten years: long enough for any retention, short enough that a slipped unit (seconds typed as microseconds) is refused. */
const DURATION_MS_MAX = 315_360_000_000;

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`);

const urlWith = (protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

/** Milliseconds. One is allowed: limits between durations are relations (window-rules.ts), not absolute minima. */
export const durationMs = wholeNumber(1, DURATION_MS_MAX);

export const count = wholeNumber;

export const databaseUrl = urlWith(['postgres:', 'postgresql:']);
export const brokerUrl = urlWith(['amqp:', 'amqps:']);
export const httpUrl = urlWith(['http:', 'https:']);
export const mailUrl = urlWith(['smtp:', 'smtps:']);

export const secret = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

export const apiKeys = z.string().transform((value, context) => {
  const parsed = parseApiKeys(value);
  if (parsed.kind === 'accepted') return parsed.apiKeys;
  context.addIssue({ code: 'custom', message: parsed.reason });
  return z.NEVER;
});
