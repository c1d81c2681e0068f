import { z } from 'zod';
import { ORDER_STATUSES } from '../order/order.js';

const LIMIT_STANDARD = 20;
const LIMIT_MAX = 100;

/** A cursor is opaque to callers: the id of the last order of the page before. */
const cursor = z.string().transform((text, context) => {
  const id = Buffer.from(text, 'base64url').toString();
  const parsed = z.uuid().safeParse(id);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
  return z.NEVER;
});

export const listOrdersRequest = z.strictObject({
  status: z.enum(ORDER_STATUSES).optional(),
  cursor: cursor.optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(LIMIT_MAX))
    .optional()
    .transform((limit) => limit ?? LIMIT_STANDARD),
});
export type ListOrdersRequest = z.infer<typeof listOrdersRequest>;

export function cursorAfter(orderId: string): string {
  return Buffer.from(orderId).toString('base64url');
}
