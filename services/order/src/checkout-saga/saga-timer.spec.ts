import { expect, it, vi } from 'vitest';
import type { OrderExecutors } from '../persistence/order-executors.js';
import { SagaTimer } from './saga-timer.js';

it('asks no saga again while the outbox is full: it would only add to what cannot leave', async () => {
  const query = vi.fn<(text: string) => Promise<unknown>>(async () => ({ rows: [] }));
  const submit = vi.fn<OrderExecutors['saga']['submit']>();
  let isFull = true;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `submit` is asked for
  const executors = { saga: { submit } } as unknown as Pick<OrderExecutors, 'saga'>;
  const timer = new SagaTimer({ query }, executors, { isFull: () => isFull });
  expect(await timer.runOnce()).toEqual({ due: 0 });
  expect(query).not.toHaveBeenCalled();
  isFull = false;
  await timer.runOnce();
  expect(query).toHaveBeenCalled();
  expect(submit).not.toHaveBeenCalled();
});
