import { describe, it } from 'vitest';
import { checkout } from '../test/example-sagas.js';
import { given, type SagaSpecification } from './testing/index.js';

/** The checkout at each place where it can be parked. */
const authorising = (): SagaSpecification =>
  given(checkout).expectLocal('reserve-stock').expectCommand('authorise-payment');
const capturing = (): SagaSpecification => authorising().onReply('ok').expectCommand('capture-payment');
const confirming = (): SagaSpecification =>
  capturing().onReply('ok').expectPivoted().expectCommand('send-confirmation');
const completed = (): SagaSpecification => confirming().onReply('ok').expectCompleted();
const returning = (): SagaSpecification => authorising().onCancel().expectCommand('return-payment');

describe('an answer that does not decide', () => {
  it('parks the saga, and a later answer resumes it', () => {
    capturing()
      .onReply('unknown', 'two intents')
      .expectParked('two intents')
      .onReply('ok')
      .expectPivoted()
      .expectCommand('send-confirmation');
  });

  it('keeps a parked saga asking without letting it go on', () => {
    capturing()
      .onReply('unknown', 'two intents')
      .expectParked('two intents')
      .onTimer()
      .expectCommand('capture-payment', { attempt: 2 })
      .onReply('unknown', 'two intents')
      .onRefusal('authorisation_expired')
      .expectCommand('return-payment');
  });

  it('leaves cancellation and deadline as they are in the phase it was parked in', () => {
    authorising().onReply('unknown', 'why').expectParked('why').onCancel().expectCommand('return-payment');
    authorising().onReply('unknown', 'why').expectParked('why').onDeadline().expectCommand('return-payment');
    confirming().onReply('unknown', 'why').expectParked('why').onCancel().expectHandedOver();
    returning().onReply('unknown', 'why').expectParked('why').onCancel().expectIgnored();
  });
});

describe('an operator', () => {
  const parked = (): SagaSpecification => capturing().onReply('unknown', 'why').expectParked('why');

  it('decides a parked saga', () => {
    parked().onResolve('applied').expectPivoted().expectCommand('send-confirmation');
    parked().onResolve('not-applied').expectCommand('return-payment').expectReason('operator');
  });

  it('is not believed that an action did nothing: it is undone like one whose outcome is unknown', () => {
    authorising()
      .onReply('unknown', 'why')
      .expectParked('why')
      .onResolve('not-applied')
      .expectCommand('return-payment')
      .expectReason('operator');
  });

  it('has the operation asked again at once', () => {
    parked().onResolve('retry').expectCommand('capture-payment', { attempt: 2 });
  });

  it('gives a parked compensation its next generation when it was not applied', () => {
    returning()
      .onReply('unknown', 'why')
      .expectParked('why')
      .onResolve('not-applied')
      .expectPause()
      .onTimer()
      .expectCommand('return-payment', { generation: 2 });
  });

  it('changes nothing while a saga is not parked', () => {
    capturing().onResolve('applied').expectIgnored();
    completed().onResolve('applied').expectIgnored();
  });
});
