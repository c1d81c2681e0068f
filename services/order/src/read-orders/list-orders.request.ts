import { z } from 'zod';
import { ORDER_STATUSES } from '../order/order.js';
import { pageRequest } from './page.request.js';

export const listOrdersRequest = z.strictObject({ status: z.enum(ORDER_STATUSES).optional(), ...pageRequest });
export type ListOrdersRequest = z.infer<typeof listOrdersRequest>;
