import { describe, expect, it } from 'vitest';
import { finishedRecord, unfinishedRecord } from '../../test/records.js';
import type { NewRecord } from '../idempotency-record.js';
import { completeStep, decideStep, type StepWork } from './step-door.js';

interface Change {
  readonly record?: NewRecord;
  readonly resent?: unknown;
}

const step = { key: 'saga-1/capture-payment/action/1', fingerprint: 'v1:a', subject: 'order-1' };
const terms = { holder: 'payment-0', leaseMs: 30_000 };

const work = (outcome?: object): StepWork<Change> => ({
  replay: (stored) => ({ resent: stored }),
  perform: () => ({ ...(outcome === undefined ? {} : { outcome }), change: (record) => ({ record }) }),
});
const replayOnly: StepWork<Change> = {
  ...work(),
  perform: () => {
    throw new Error('performed');
  },
};

describe('decideStep', () => {
  it('commits a step that is done at once together with its outcome, and no lease', () => {
    expect(decideStep(null, step, terms, work({ outcome: 'ok' }))).toEqual({
      kind: 'change',
      change: { record: { scope: 'step', ...step, recoveryPoint: 'finished', outcome: { outcome: 'ok' } } },
      answer: { kind: 'answered' },
    });
  });

  it('commits the intent of a phased step with a lease, and begins it', () => {
    expect(decideStep(null, step, terms, work())).toEqual({
      kind: 'change',
      change: { record: { scope: 'step', ...step, recoveryPoint: 'intended', lease: terms } },
      answer: { kind: 'begin', lease: { scope: 'step', key: step.key, subject: 'order-1', token: 1 } },
    });
  });

  it('sends the stored outcome of a finished step again, since the first reply may have been lost', () => {
    const record = finishedRecord({ outcome: { outcome: 'ok' } });
    expect(decideStep(record, step, terms, replayOnly)).toEqual({
      kind: 'change',
      change: { resent: { outcome: 'ok' } },
      answer: { kind: 'answered' },
    });
  });

  it.each([true, false])('leaves a step in progress to its holder or to a rescuer (lease live: %s)', (isLeaseLive) => {
    expect(decideStep(unfinishedRecord({ isLeaseLive }), step, terms, replayOnly)).toEqual({
      kind: 'answer',
      answer: { kind: 'in-progress' },
    });
  });

  it.each([
    ['finished', finishedRecord({ fingerprint: 'v1:b' })],
    ['in progress', unfinishedRecord({ fingerprint: 'v1:b' })],
  ])('neither executes nor answers the same operation with other fields while the first is %s', (_state, record) => {
    expect(decideStep(record, step, terms, replayOnly)).toEqual({ kind: 'answer', answer: { kind: 'mismatched' } });
  });
});

describe('completeStep', () => {
  it('names the record that decideStep made', () => {
    expect(completeStep(step.key, { outcome: 'ok' })).toEqual({
      scope: 'step',
      key: step.key,
      outcome: { outcome: 'ok' },
    });
  });
});
