import type { RequestAnswer } from '../src/index.js';
import type { Deposit } from './deposits-database.js';

/** What a test of the contract asks of deposits, wherever they are kept. */
export const depositing = {
  input: (key: string): Deposit => ({ key, amount: 1 }),
  poisoned: (key: string): Deposit => ({ key, amount: 1.5 }),
  contentOf: (answer: RequestAnswer): unknown => (answer.kind === 'response' ? answer.response : answer),
  isReplay: (answer: RequestAnswer): boolean => answer.kind === 'response' && answer.isReplay,
};
