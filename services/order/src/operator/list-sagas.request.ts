import { SAGA_STATES } from '@once/saga';
import { z } from 'zod';
import { pageRequest } from '../read-orders/page.request.js';

export const listSagasRequest = z.strictObject({ status: z.enum(SAGA_STATES).optional(), ...pageRequest });
