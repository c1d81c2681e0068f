/** An ordinary day: every scenario at once. Started by `npm run chaos -- --workload average`. */
import { mixOf } from './mix.ts';

export { bodySwitch } from '../scenarios/body-switches.ts';
export { cancellation } from '../scenarios/cancellations.ts';
export { duplicateStorm } from '../scenarios/duplicate-storms.ts';
export { lastUnit } from '../scenarios/last-units.ts';
export { steadyOrder } from '../scenarios/steady-orders.ts';

export const options = mixOf({ rate: 9, duration: '120s' });
