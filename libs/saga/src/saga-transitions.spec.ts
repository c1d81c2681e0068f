import { describe, expect, it } from 'vitest';
import type { SagaInput } from './saga-input.js';
import { awaitedOperation } from './saga-instance.js';
import type { SagaInstance } from './saga-instance.js';
import { startSaga, transition } from './saga-transitions.js';
import { checkout, refund } from './testing/example-sagas.js';

describe('a saga', () => {
  it('runs forward to its end when every step succeeds', () => {
    const started = startSaga(checkout, { id: 'saga-1', subjectId: 'order-1' });
    expect(started.effects).toEqual([
      { kind: 'local', name: 'reserve-stock', step: 'reserve-stock', direction: 'action' },
    ]);
    expect(started.command?.type).toBe('authorise-payment');

    const authorised = transition(checkout, started.next, ok(started.next));
    expect(authorised.command?.type).toBe('capture-payment');

    const captured = transition(checkout, authorised.next, ok(authorised.next));
    expect(captured.effects).toEqual([{ kind: 'pivoted' }]);
    expect(captured.command?.type).toBe('send-confirmation');

    const confirmed = transition(checkout, captured.next, ok(captured.next));
    expect(confirmed.effects).toEqual([{ kind: 'completed' }]);
    expect(confirmed.next.state).toBe('completed');
    expect(confirmed.timer).toBeNull();
  });

  it('undoes the step in flight and the earlier ones in reverse when cancelled before the pivot', () => {
    const started = startSaga(checkout, { id: 'saga-1', subjectId: 'order-1' });
    const cancelled = transition(checkout, started.next, { kind: 'cancel', reason: 'requested' });
    expect(cancelled.command?.type).toBe('return-payment');

    const returned = transition(checkout, cancelled.next, ok(cancelled.next));
    expect(returned.effects.map((effect) => (effect.kind === 'local' ? effect.name : effect.kind))).toEqual([
      'release-stock',
      'undone',
    ]);
    expect(returned.command?.type).toBe('send-cancellation');
    expect(returned.next).toMatchObject({ state: 'undone', reason: 'requested' });
  });

  it('only goes forward when it has no pivot', () => {
    const started = startSaga(refund, { id: 'saga-2', subjectId: 'order-1', reason: 'requested' });
    expect(started.next.state).toBe('pivoted');
    expect(transition(refund, started.next, { kind: 'cancel', reason: 'requested' }).kind).toBe('ignored');
  });
});

const ok = (saga: SagaInstance): SagaInput => {
  const operation = awaitedOperation(saga);
  if (operation === null) throw new Error('nothing is awaited');
  return { kind: 'reply', operation, outcome: 'ok' };
};
