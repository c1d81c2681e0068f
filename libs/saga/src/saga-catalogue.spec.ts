import { describe, expect, it } from 'vitest';
import { checkout, refund } from '../test/example-sagas.js';
import { InvalidSagaDefinitionError } from './errors.js';
import { SagaCatalogue } from './saga-catalogue.js';
import type { SagaInput } from './saga-input.js';
import { operationAt } from './saga-instance.js';
import { startSaga } from './saga-transitions.js';

const saga = startSaga(checkout, { id: 'saga', subjectId: 'subject' }).next;
const fromTomorrow = { ...saga, definitionVersion: 2 };
const ok: SagaInput = { kind: 'reply', operation: operationAt(saga), outcome: 'ok' };
const timer: SagaInput = { kind: 'timer', operation: operationAt(saga), attempt: 1 };

describe('a catalogue', () => {
  const catalogue = new SagaCatalogue([checkout, refund]);

  it('finds the definition by name and version', () => {
    expect(catalogue.transition(saga, ok).command?.type).toBe('capture-payment');
  });

  it('refuses two definitions of one name and version', () => {
    expect(() => new SagaCatalogue([checkout, checkout])).toThrow(InvalidSagaDefinitionError);
  });

  it.each([
    ['an unknown version', fromTomorrow, 'definition checkout 2 is not known'],
    ['an unknown name', { ...saga, definition: 'trip' }, 'definition trip 1 is not known'],
    ['an unknown step', { ...saga, step: 'gift-wrap' }, 'checkout 1 has no step gift-wrap'],
  ])('parks a saga of %s instead of guessing', (_, unreadable, problem) => {
    const parked = catalogue.transition(unreadable, ok);
    expect(parked).toMatchObject({
      kind: 'moved',
      command: null,
      effects: [],
      next: { state: 'parked', parkedReason: problem, step: unreadable.step },
      events: [{ event: 'parked', detail: { reason: problem } }],
      timer: { operation: operationAt(unreadable) },
    });
  });

  it('looks at an unreadable saga again without repeating itself in the timeline', () => {
    const parked = catalogue.transition(fromTomorrow, timer).next;
    expect(catalogue.transition(parked, timer)).toMatchObject({
      kind: 'moved',
      events: [],
      timer: { afterMs: 30_000 },
    });
  });

  it('lets a process that knows the definition resume what another one has parked', () => {
    const parked = catalogue.transition(fromTomorrow, ok).next;
    const newer = new SagaCatalogue([{ ...checkout, version: 2 }]);

    const asked = newer.transition(parked, timer);
    expect(asked.command).toMatchObject({ type: 'authorise-payment', attempt: 2 });
    expect(newer.transition(asked.next, ok).next).toMatchObject({ state: 'running', step: 'capture-payment' });
  });

  it('leaves closed sagas of unknown definitions alone', () => {
    expect(catalogue.transition({ ...fromTomorrow, state: 'completed' }, ok).kind).toBe('ignored');
  });
});
