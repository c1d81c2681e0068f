import { describe, expect, it } from 'vitest';
import { checkout } from '../../test/example-sagas.js';
import { given } from './saga-specification.js';

const begun = () => given(checkout).expectLocal('reserve-stock');

describe('a specification', () => {
  it('passes when it tells everything in order', () => {
    begun().expectCommand('authorise-payment').onReply('ok').expectCommand('capture-payment').expectNothing();
  });

  it('fails on something else than it tells, and says what happened', () => {
    expect(() => begun().expectCommand('capture-payment')).toThrow(
      'expected command capture-payment, generation 1, attempt 1, but saga checkout did: ' +
        'command authorise-payment, generation 1, attempt 1',
    );
  });

  it('fails on the right things in another order', () => {
    expect(() => given(checkout).expectCommand('authorise-payment').expectLocal('reserve-stock')).toThrow(
      'did: local reserve-stock; command authorise-payment',
    );
  });

  it('fails on what it does not tell before the next input', () => {
    expect(() => begun().onReply('ok')).toThrow('expected nothing');
  });

  it('fails on what it does not tell at the end', () => {
    const captured = begun()
      .expectCommand('authorise-payment')
      .onReply('ok')
      .expectCommand('capture-payment')
      .onReply('ok');
    expect(() => captured.expectPivoted().expectCompleted()).toThrow('expected completed');
  });

  it('fails on another attempt or generation', () => {
    const asked = begun().expectCommand('authorise-payment').onTimer();
    expect(() => asked.expectCommand('authorise-payment')).toThrow('attempt 2');
  });

  it('fails on another reason and another pause', () => {
    const cancelled = begun().expectCommand('authorise-payment').onCancel('requested');
    expect(() => cancelled.expectReason('timed_out')).toThrow('expected reason timed_out');
    expect(() => cancelled.expectTimer(5)).toThrow('expected a timer of 5 ms');
  });

  it('fails on an answer to a saga that awaits none', () => {
    const closed = given(checkout, { step: 'reserve-stock', reason: 'out_of_stock' })
      .expectUndone()
      .expectCommand('send-cancellation')
      .onReply('ok')
      .expectCompensated();
    expect(() => closed.onReply('ok')).toThrow('a saga that is compensated');
  });
});
