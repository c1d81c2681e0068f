import { sample } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSagas } from '../src/index.js';
import { sagaDatabase, type Member, type SagaDatabase } from './saga-database.js';
import { sagaRuns } from './saga-runs.js';

let database: SagaDatabase;

beforeAll(async () => {
  database = await sagaDatabase();
});
afterAll(() => database.close());

/** Arbitrary sagas in an arbitrary world, each transition committed, the n-th ones of all sagas together. */
describe('any run', () => {
  const runs = sample(sagaRuns, { numRuns: 300, seed: 41 });

  it('is stored step by step as the pure function decided it, and breaks no constraint', async () => {
    await database.commit(...runs.map(({ started }): Member => ({ start: started })));
    const turnsMax = Math.max(...runs.map(({ turns }) => turns.length));

    for (let turn = 0; turn < turnsMax; turn++) {
      const made = runs.flatMap(({ turns }) => turns[turn]?.made ?? []).filter(({ kind }) => kind !== 'ignored');
      const { moved } = await database.commit(...made.map((move): Member => ({ move })));
      expect(moved).toHaveLength(made.length);
    }

    const last = runs.map(({ started, turns }) => turns.at(-1)?.made.next ?? started.next);
    const stored = await loadSagas(
      database.pool,
      last.map(({ id }) => id),
    );
    expect(new Map(stored.map((saga) => [saga.id, saga]))).toEqual(new Map(last.map((saga) => [saga.id, saga])));
  });

  it('leaves a timeline without gaps in which every line follows from an earlier one', async () => {
    for (const { started, turns } of runs) {
      const timeline = await database.timeline(started.next.subjectId);
      expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));

      const uncaused = timeline.filter(({ cause }) => cause === null).map(({ event }) => event);
      const fromOutside = new Set(['started', 'deadline-passed', 'cancel-requested', 'resolved']);
      expect(uncaused.filter((event) => !fromOutside.has(event))).toEqual([]);

      const counted = timeline.map(({ outcome, detail }) => (outcome === 'duplicate' ? Number(detail?.['count']) : 0));
      const late = timeline.filter(({ outcome }) => outcome === 'late').length;
      const unawaited = turns.filter(({ made }) => made.kind === 'late').length;
      expect(late + counted.reduce((sum, count) => sum + count, 0)).toBe(unawaited);
    }
  });
});
