import type { SagaInstance } from '@once/saga';

/** What a step does to the customer's money when it is applied. */
export type MoneyEffect = 'reserve' | 'take' | 'return';

const EFFECTS: ReadonlyMap<string, MoneyEffect> = new Map([
  ['authorise-payment action', 'reserve'],
  ['authorise-payment compensation', 'return'],
  ['capture-payment action', 'take'],
  ['return-payment action', 'return'],
]);

/** Undefined for a step that moves no money, such as a mail. */
export function moneyEffectOf({ step, direction }: Pick<SagaInstance, 'step' | 'direction'>): MoneyEffect | undefined {
  return EFFECTS.get(`${step} ${direction}`);
}
