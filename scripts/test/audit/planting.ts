import { saga, sagaIdOf, type Row, type World } from './sound-world.js';

/** What a violation does to a sound world. */
export interface Violation {
  readonly plant: (world: World) => void;
  /** How many rows show it, one unless said otherwise. */
  readonly rows?: number;
  /** Another invariant that this one cannot be broken without. */
  readonly entails?: string;
}

export const rowsOf = (world: World, table: string): Row[] => world[table] ?? [];
export const add = (world: World, table: string, ...rows: Row[]): void => void rowsOf(world, table).push(...rows);

/** Changes every row that has these fields; a violation that changes nothing would prove nothing. */
export const change = (world: World, table: string, where: Row, fields: Row): void => {
  const found = rowsOf(world, table).filter((row) =>
    Object.entries(where).every(([name, value]) => row[name] === value),
  );
  if (found.length === 0) throw new Error(`no row of ${table} has ${JSON.stringify(where)}`);
  for (const row of found) Object.assign(row, fields);
};

export const remove = (world: World, table: string, where: Row): void => {
  change(world, table, where, { isRemoved: true });
  world[table] = rowsOf(world, table).filter((row) => row['isRemoved'] !== true);
};

/** An order that has not ended, holding a mug, with a saga to go with it. */
export const addOpenOrder = (world: World, status: string, sagas: (orderId: string) => Row[]): void => {
  const orderId = '00000000-0000-7000-8000-00000000000e';
  const [pattern] = rowsOf(world, 'customer_order');
  const fields = { id: orderId, idempotency_key: 'key-e', status, stock: 'reserved', captured_amount: 0 };
  add(world, 'customer_order', { ...pattern, ...fields });
  change(world, 'stock_item', { sku: 'mug' }, { available: 998, reserved: 1 });
  add(world, 'saga', ...sagas(orderId));
  add(world, 'saga_timeline', { order_id: orderId, seq: 1, saga_id: sagaIdOf(orderId, 'checkout'), event: 'started' });
  add(world, 'request', { ...rowsOf(world, 'request')[0], key: 'key-e', order_id: orderId, body_digest: 'e' });
  // While the world outside misbehaves, an order may be parked.
  add(world, 'fault_rule', { operation: '*', fault: 'down' });
};

export const parked = (orderId: string): Row => ({
  ...saga(orderId, 'checkout', 'parked'),
  step: 'capture-payment',
  parked_reason: 'unclear',
});
