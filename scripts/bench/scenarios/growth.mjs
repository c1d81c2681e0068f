/** What stored orders make dearer: beside a small table, and just after a checkpoint, when each page is written out whole. */
import { asking } from '../database.mjs';
import { storeOrders } from '../fill/store-orders.mjs';

const STORED = { young: 10_000, grown: 1_000_000 };
const WINDOW = 128;
const ROUNDS = 3;
/** From the first order on, and long enough that the pages which all orders share do not decide. */
const AFTER_CHECKPOINT = { settleMs: 0, seconds: 8 };

export const growth = {
  title: 'with a million orders stored',
  systems: ['young', 'grown'],
  measure: async (field) => {
    for (const [name, count] of Object.entries(STORED)) {
      field.say(`storing ${count} orders`);
      await storeOrders(field.systems.get(name), count);
    }
    const measurements = await field.measureRounds([{ window: WINDOW }], { rounds: ROUNDS });
    for (let round = 0; round < ROUNDS; round += 1)
      for (const keys of ['ordered', 'random']) {
        await asking(field.systems.get('grown').databaseServer, (ask) => ask('checkpoint'));
        const load = { title: `after a checkpoint, ${keys} keys`, window: WINDOW, keys };
        measurements.push({ round, ...(await field.measure('grown', load, AFTER_CHECKPOINT)) });
      }
    return measurements;
  },
};
