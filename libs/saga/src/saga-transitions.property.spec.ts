import { assert, property, sample } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsOf, isDecided, sagaRuns, transitionsOf, type SagaRun, type Turn } from '../test/saga-runs.js';
import { awaitedOperation, isClosed, SAGA_STATES } from './saga-instance.js';
import { transition } from './saga-transitions.js';
import type { Transition } from './transition.js';

const expectOfEveryRun = (check: (run: SagaRun) => void): void => assert(property(sagaRuns, check), { numRuns: 1_000 });

const has = (made: Transition, fact: string): boolean => made.effects.some(({ kind }) => kind === fact);

describe('whatever happens in whatever order, a saga', () => {
  it('comes to every state, and late and ignored inputs and later generations occur', () => {
    const made = sample(sagaRuns, { numRuns: 1_000, seed: 6 }).flatMap(transitionsOf);
    expect(new Set(made.map(({ next }) => next.state))).toEqual(new Set(SAGA_STATES));
    expect(new Set(made.map(({ kind }) => kind))).toEqual(new Set(['moved', 'late', 'ignored']));
    expect(Math.max(...made.map(({ next }) => next.generation))).toBeGreaterThan(2);
  });

  it('has one operation under way at most, the one it awaits', () => {
    expectOfEveryRun((run) => {
      const moved = transitionsOf(run).filter(({ kind }) => kind === 'moved');
      for (const { next, command, timer } of moved) {
        const awaited = awaitedOperation(next);
        expect(timer?.operation ?? null).toEqual(awaited);
        expect(command?.operation ?? awaited).toEqual(awaited);
      }
    });
  });

  it('reaches its pivot or is undone, never both, and each at most once', () => {
    expectOfEveryRun((run) => {
      const facts = effectsOf(run).map(({ kind }) => kind);
      expect(facts.filter((fact) => fact === 'pivoted' || fact === 'undone').length).toBeLessThanOrEqual(1);
      expect(facts.filter((fact) => fact === 'completed').length).toBeLessThanOrEqual(1);
      expect(facts.filter((fact) => fact === 'handed-over').length).toBeLessThanOrEqual(1);
    });
  });

  it('reaches its pivot by the success of the pivot only', () => {
    expectOfEveryRun(({ turns }) => {
      for (const turn of turns.filter(({ made }) => has(made, 'pivoted'))) {
        expect(turn.before).toMatchObject({ step: 'pivot', direction: 'action' });
        expect(isDecided(turn, 'ok')).toBe(true);
      }
    });
  });

  it('leaves a compensation, or a step that must succeed, by its success only', () => {
    expectOfEveryRun(({ definition, turns }) => {
      const mayBeUndone = ({ before: { step, direction } }: Turn): boolean =>
        direction === 'action' &&
        definition.steps.some(({ name, role }) => name === step && (role === 'compensatable' || role === 'pivot'));
      const isLeft = ({ before, made: { next } }: Turn): boolean =>
        !isClosed(before.state) &&
        next.state !== 'handed-over' &&
        (next.step !== before.step || next.direction !== before.direction || isClosed(next.state));

      for (const turn of turns.filter((turn) => isLeft(turn) && !mayBeUndone(turn))) {
        expect(isDecided(turn, 'ok')).toBe(true);
      }
    });
  });

  it('advances a generation by one after a definite refusal, and never because time passed', () => {
    expectOfEveryRun(({ turns }) => {
      const stays = ({ before, made: { next } }: Turn): boolean =>
        next.step === before.step && next.direction === before.direction && !isClosed(next.state);
      for (const turn of turns.filter(stays)) {
        const growth = turn.made.next.generation - turn.before.generation;
        expect(growth).toBe(isDecided(turn, 'refused') ? 1 : 0);
      }
    });
  });

  it('does each local work once, and undoes only what was done, last first', () => {
    expectOfEveryRun((run) => {
      const local = effectsOf(run).filter((effect) => effect.kind === 'local');
      const done = local.filter(({ direction }) => direction === 'action').map(({ step }) => step);
      const undone = local.filter(({ direction }) => direction === 'compensation').map(({ step }) => step);
      const order = run.definition.steps.map(({ name }) => name);
      expect(done).toEqual(order.filter((name) => done.includes(name)));
      expect(undone).toEqual(order.filter((name) => undone.includes(name)).toReversed());
      expect(done).toEqual(expect.arrayContaining(undone));
    });
  });

  it('has undone whatever may have happened before it says that it is undone', () => {
    expectOfEveryRun((run) => {
      if (!effectsOf(run).some(({ kind }) => kind === 'undone')) return;
      const begun = new Set<string>();
      for (const { command, effects } of transitionsOf(run)) {
        for (const effect of effects)
          if (effect.kind === 'local' && effect.direction === 'action') begun.add(effect.step);
        if (command?.operation.direction === 'action') begun.add(command.operation.step);
      }
      const settled = new Set<string>();
      for (const turn of run.turns) {
        const { step, direction } = turn.before;
        if (isDecided(turn, direction === 'action' ? 'refused' : 'ok')) settled.add(step);
        for (const effect of turn.made.effects) {
          if (effect.kind === 'local' && effect.direction === 'compensation') settled.add(effect.step);
        }
      }
      const compensatable = run.definition.steps.filter(({ role }) => role === 'compensatable').map(({ name }) => name);
      expect(compensatable.filter((name) => begun.has(name) && !settled.has(name))).toEqual([]);
    });
  });

  it('changes its version by one with every change, and not without one', () => {
    expectOfEveryRun(({ turns }) => {
      for (const { before, made } of turns) {
        expect(made.next.version).toBe(before.version + (made.kind === 'ignored' ? 0 : 1));
      }
    });
  });

  it('does not move for a late reply', () => {
    expectOfEveryRun(({ turns }) => {
      for (const { before, made } of turns.filter(({ made }) => made.kind === 'late')) {
        expect({ ...made.next, version: before.version }).toEqual(before);
        expect(made).toMatchObject({ command: null, effects: [], events: [{ event: 'replied', outcome: 'late' }] });
      }
    });
  });

  it('moves as a function: the same saga and input give the same transition', () => {
    expectOfEveryRun(({ definition, turns }) => {
      for (const { input, before, made } of turns) expect(transition(definition, before, input)).toEqual(made);
    });
  });

  it('ends once the world answers', () => {
    expectOfEveryRun((run) => {
      let saga = run.turns.at(-1)?.made.next ?? run.started.next;
      const movesMax = 2 * (run.definition.steps.length + run.definition.undoneSteps.length);
      for (let move = 0; move < movesMax; move++) {
        const operation = awaitedOperation(saga);
        if (operation !== null)
          saga = transition(run.definition, saga, { kind: 'reply', operation, outcome: 'ok' }).next;
      }
      expect(isClosed(saga.state)).toBe(true);
    });
  });
});
