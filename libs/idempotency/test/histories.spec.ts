import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histories, Model } from './deposits-model.js';
import { MemorySystem } from './memory-system.js';

describe('any history of requests, twins, other bodies, crashes, restarts, days and reapers, in memory', () => {
  it('executes each key once in each of its lives and says the same to everybody', async () => {
    const property = fc.asyncProperty(histories, async (history) => {
      const system = new MemorySystem();
      await system.restart();
      await fc.asyncModelRun(() => ({ model: new Model(), real: system }), history);
    });
    await expect(fc.assert(property, { numRuns: 1_000 })).resolves.toBeUndefined();
  }, 60_000);
});
