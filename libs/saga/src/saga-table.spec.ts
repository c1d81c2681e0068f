import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkout, refund, shortest } from '../test/example-sagas.js';
import type { SagaDefinition } from './saga-definition.js';
import type { SagaInput } from './saga-input.js';
import { operationAt, SAGA_STATES, type SagaInstance } from './saga-instance.js';
import { startSaga, TABLE, transition } from './saga-transitions.js';

/** Every kind of input, in the form in which it concerns the saga as it stands and in the form in which it does not. */
const INPUTS: Record<string, (saga: SagaInstance) => SagaInput> = {
  ok: (saga) => ({ kind: 'reply', operation: operationAt(saga), outcome: 'ok' }),
  refused: (saga) => ({ kind: 'reply', operation: operationAt(saga), outcome: 'refused', reason: 'no' }),
  unknown: (saga) => ({ kind: 'reply', operation: operationAt(saga), outcome: 'unknown', reason: 'unclear' }),
  late: (saga) => ({ kind: 'reply', operation: { ...operationAt(saga), generation: 7 }, outcome: 'ok' }),
  timer: (saga) => ({ kind: 'timer', operation: operationAt(saga), attempt: saga.attempt }),
  'stale timer': (saga) => ({ kind: 'timer', operation: operationAt(saga), attempt: saga.attempt - 1 }),
  deadline: () => ({ kind: 'deadline' }),
  cancel: () => ({ kind: 'cancel', reason: 'requested' }),
  applied: () => ({ kind: 'resolve', resolution: 'applied', note: 'seen' }),
  'not-applied': () => ({ kind: 'resolve', resolution: 'not-applied', note: 'not seen' }),
  retry: () => ({ kind: 'resolve', resolution: 'retry', note: 'again' }),
};

interface Place {
  readonly definition: SagaDefinition;
  /** The inputs that lead there. */
  readonly path: readonly string[];
  /** What each input above makes of it: the next state, or that it is late or ignored. */
  readonly becomes: readonly string[];
}

const DECIDED = ['ignored', 'ignored', 'ignored'];
const CLOSED = ['late', 'late', 'late', 'late', 'ignored', 'ignored', 'ignored'];

// prettier-ignore
const PLACES: Record<string, Place> = {
  //                                                                                  ok              refused         unknown    late    timer           stale      deadline        cancel          resolve
  'running':                  { definition: checkout, path: [],                           becomes: ['running',      'undone',       'parked',  'late', 'running',      'ignored', 'compensating', 'compensating', ...DECIDED] },
  'running, at the pivot':    { definition: checkout, path: ['ok'],                       becomes: ['pivoted',      'compensating', 'parked',  'late', 'running',      'ignored', 'compensating', 'compensating', ...DECIDED] },
  'running, shortest':        { definition: shortest, path: [],                           becomes: ['running',      'compensated',  'parked',  'late', 'running',      'ignored', 'compensating', 'compensating', ...DECIDED] },
  'running, shortest pivot':  { definition: shortest, path: ['ok'],                       becomes: ['completed',    'compensating', 'parked',  'late', 'running',      'ignored', 'compensating', 'compensating', ...DECIDED] },
  'pivoted':                  { definition: checkout, path: ['ok', 'ok'],                 becomes: ['completed',    'pivoted',      'parked',  'late', 'pivoted',      'ignored', 'ignored',      'handed-over',  ...DECIDED] },
  'pivoted, no pivot':        { definition: refund,   path: [],                           becomes: ['pivoted',      'pivoted',      'parked',  'late', 'pivoted',      'ignored', 'ignored',      'ignored',      ...DECIDED] },
  'compensating':             { definition: checkout, path: ['cancel'],                   becomes: ['undone',       'compensating', 'parked',  'late', 'compensating', 'ignored', 'ignored',      'ignored',      ...DECIDED] },
  'compensating, shortest':   { definition: shortest, path: ['cancel'],                   becomes: ['compensated',  'compensating', 'parked',  'late', 'compensating', 'ignored', 'ignored',      'ignored',      ...DECIDED] },
  'undone':                   { definition: checkout, path: ['refused'],                  becomes: ['compensated',  'undone',       'parked',  'late', 'undone',       'ignored', 'ignored',      'ignored',      ...DECIDED] },
  'parked, running':          { definition: checkout, path: ['unknown'],                  becomes: ['running',      'undone',       'parked',  'late', 'parked',       'ignored', 'compensating', 'compensating', 'running', 'compensating', 'parked'] },
  'parked, at the pivot':     { definition: checkout, path: ['ok', 'unknown'],            becomes: ['pivoted',      'compensating', 'parked',  'late', 'parked',       'ignored', 'compensating', 'compensating', 'pivoted', 'compensating', 'parked'] },
  'parked, pivoted':          { definition: checkout, path: ['ok', 'ok', 'unknown'],      becomes: ['completed',    'pivoted',      'parked',  'late', 'parked',       'ignored', 'ignored',      'handed-over',  'completed', 'pivoted', 'parked'] },
  'parked, compensating':     { definition: checkout, path: ['cancel', 'unknown'],        becomes: ['undone',       'compensating', 'parked',  'late', 'parked',       'ignored', 'ignored',      'ignored',      'undone', 'compensating', 'parked'] },
  'parked, undone':           { definition: checkout, path: ['refused', 'unknown'],       becomes: ['compensated',  'undone',       'parked',  'late', 'parked',       'ignored', 'ignored',      'ignored',      'compensated', 'undone', 'parked'] },
  'completed':                { definition: checkout, path: ['ok', 'ok', 'ok'],           becomes: [...CLOSED, 'handed-over', ...DECIDED] },
  'completed, no pivot':      { definition: refund,   path: ['ok', 'ok'],                 becomes: [...CLOSED, 'ignored',     ...DECIDED] },
  'compensated':              { definition: checkout, path: ['refused', 'ok'],            becomes: [...CLOSED, 'ignored',     ...DECIDED] },
  'handed-over':              { definition: checkout, path: ['ok', 'ok', 'cancel'],       becomes: [...CLOSED, 'ignored',     ...DECIDED] },
};

const at = ({ definition, path }: Place): SagaInstance => {
  const { next } = startSaga(definition, { id: 'saga', subjectId: 'subject' });
  return path.reduce((saga, input) => transition(definition, saga, inputFor(input, saga)).next, next);
};

const inputFor = (name: string, saga: SagaInstance): SagaInput => {
  const input = INPUTS[name]?.(saga);
  if (input === undefined) throw new Error(`no input is named ${name}`);
  return input;
};

const pairs = Object.entries(PLACES).flatMap(([name, place]) =>
  Object.keys(INPUTS).map((input, index) => ({ name, place, input, becomes: place.becomes[index] })),
);

describe('every state and every input', () => {
  it('are in the list', () => {
    expect(new Set(Object.values(PLACES).map((place) => at(place).state))).toEqual(new Set(SAGA_STATES));
    expect(pairs.every(({ becomes }) => becomes !== undefined)).toBe(true);
  });

  it.each(pairs)('$name + $input = $becomes', ({ name, place, input, becomes }) => {
    const saga = at(place);
    expect(saga.state).toBe(name.split(',')[0]);

    const { kind, next } = transition(place.definition, saga, inputFor(input, saga));
    expect(kind === 'moved' ? next.state : kind).toBe(becomes);
    expect(next.version).toBe(kind === 'ignored' ? saga.version : saga.version + 1);
  });
});

describe('the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

  it('begins with definitions that compile', () => {
    const [, shown = ''] = /```ts\n(.+?)```/s.exec(readme) ?? [];
    const compiled = readFileSync(new URL('../test/example-sagas.ts', import.meta.url), 'utf8');
    const body = (code: string): string => code.slice(code.indexOf('export const checkout'));
    expect(shown).toContain('export const refund');
    expect(body(compiled)).toContain(body(shown));
  });

  it('shows the table', () => {
    const rows = readme.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm);
    const shown = Object.fromEntries([...rows].map(([, state = '', cells = '']) => [state, cells.split(' | ')]));
    const rules = Object.entries(TABLE).map(([state, row]) => [
      state,
      Object.values(row).map(({ name }) => inWords(name)),
    ]);
    expect(shown).toEqual(Object.fromEntries(rules));
  });

  it('draws every change of state, and no other', () => {
    const drawn = [...readme.matchAll(/^ {2}(\w+) --> (\w+) : (.+)$/gm)].flatMap(([, from, to, inputs = '']) =>
      // A mermaid state has no hyphen in its name.
      inputs.split(', ').map((input) => `${from} --> ${to?.replace('_', '-')} : ${input}`),
    );
    const made = pairs.flatMap(({ place, input }) => {
      const saga = at(place);
      const { next } = transition(place.definition, saga, inputFor(input, saga));
      // What a parked saga does follows from the phase it was parked in.
      return next.state === saga.state || saga.state === 'parked' ? [] : [`${saga.state} --> ${next.state} : ${input}`];
    });
    expect(drawn.sort()).toEqual([...new Set(made)].sort());
  });
});

const inWords = (rule: string): string => rule.replaceAll(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
