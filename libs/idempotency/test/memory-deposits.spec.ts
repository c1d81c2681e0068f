import { atomicWorkContract } from '../src/testing/index.js';
import { depositing } from './depositing.js';
import { classify } from './in-memory-work.js';
import { MemoryDeposits, MemoryTables } from './memory-deposits.js';

atomicWorkContract('a commit in memory', async () => {
  const tables = new MemoryTables();
  let replicas = 0;
  return {
    ...depositing,
    work: () => new MemoryDeposits(tables, `replica-${(replicas += 1)}`),
    classify,
    effectsOf: async (key) => tables.depositsOf(key),
  };
});
