import { describe, expect, it } from 'vitest';
import { checkout } from '../test/example-sagas.js';
import { InvalidSagaDefinitionError } from './errors.js';
import { defineSaga, type LocalStepOptions, type RemoteStepOptions } from './saga-builder.js';
import { DEFAULT_TIMING } from './saga-definition.js';

const local = { kind: 'local', compensation: 'undo' } as const;
const remote = { kind: 'remote', command: 'do', compensation: { command: 'undo' } } as const;
const pivot = { command: 'pay', coveredBy: 'book' } as const;

describe('a definition', () => {
  it('is the list of its steps', () => {
    expect(checkout.steps.map(({ name, role }) => [name, role])).toEqual([
      ['reserve-stock', 'compensatable'],
      ['authorise-payment', 'compensatable'],
      ['capture-payment', 'pivot'],
      ['send-confirmation', 'retriable'],
    ]);
    expect(checkout.undoneSteps.map(({ name, role }) => [name, role])).toEqual([['send-cancellation', 'undone']]);
  });

  it('gives each step its own timeout or that of the saga', () => {
    const { steps, timing } = defineSaga('trip', 1, { stepTimeoutMs: 500 })
      .step('book', { ...remote, timeoutMs: 2_000 })
      .pivot('pay', pivot)
      .build();
    expect(steps.map(({ timeoutMs }) => timeoutMs)).toEqual([2_000, 500]);
    expect(timing).toEqual({ ...DEFAULT_TIMING, stepTimeoutMs: 500 });
  });

  it('can grow in two directions from one half-built beginning', () => {
    const beginning = defineSaga('trip', 1).step('book', remote);
    const short = beginning.pivot('pay', pivot).build();
    const long = beginning.pivot('pay', pivot).retriable('tell', { command: 'tell' }).build();
    expect([short.steps.length, long.steps.length]).toEqual([2, 3]);
  });

  it('is refused when two steps have one name, which would be one position', () => {
    const twice = () =>
      defineSaga('trip', 1).step('book', remote).pivot('pay', pivot).undone('book', { command: 'tell' }).build();
    expect(twice).toThrow(InvalidSagaDefinitionError);
    expect(twice).toThrow('saga trip: two steps named book');
  });
});

/**
 * The compiler is the test: what must not compile is marked, and the type check of the tests fails when it does compile. The
 * assertions only run what is there at run time, where the builder is one class.
 */
describe('the types of a definition', () => {
  const beforePivot = defineSaga('trip', 1).step('seat', local).step('book', remote);
  const afterPivot = beforePivot.pivot('pay', pivot);

  it('refuse a compensatable step after the pivot, or after a step that must succeed', () => {
    // @ts-expect-error nothing that follows the pivot is undone
    expect(afterPivot.step).toBeDefined();
    // @ts-expect-error a saga without pivot only goes forward
    expect(defineSaga('back', 1).retriableLocal('restock').step).toBeDefined();
  });

  it('refuse a second pivot', () => {
    // @ts-expect-error a saga is decided once
    expect(afterPivot.pivot).toBeDefined();
  });

  it('refuse a step that must succeed and yet declares a refusal', () => {
    // @ts-expect-error nobody could act on it
    expect(afterPivot.retriable('tell', { command: 'tell', refusals: ['no_such_mailbox'] })).toBeDefined();
    // @ts-expect-error nor here
    expect(afterPivot.undone('tell', { command: 'tell', refusals: ['no_such_mailbox'] })).toBeDefined();
  });

  it('refuse a step before the pivot without a compensation', () => {
    // @ts-expect-error it could not be undone
    const lasting: LocalStepOptions | RemoteStepOptions = { kind: 'remote', command: 'do' };
    expect(lasting).toBeDefined();
  });

  it('refuse a pivot that no earlier remote step covers', () => {
    // @ts-expect-error there is no such step
    expect(beforePivot.pivot('pay', { command: 'pay', coveredBy: 'tell' })).toBeDefined();
    // @ts-expect-error a local compensation reaches no participant
    expect(beforePivot.pivot('pay', { command: 'pay', coveredBy: 'seat' })).toBeDefined();
    // @ts-expect-error it must be said
    expect(beforePivot.pivot('pay', { command: 'pay' })).toBeDefined();
  });

  it('refuse a saga that can be refused and has no pivot', () => {
    // @ts-expect-error it would never know when it is decided
    expect(beforePivot.build).toBeDefined();
    // @ts-expect-error nor can steps that must succeed stand in its place
    expect(beforePivot.retriable).toBeDefined();
  });
});
