import { describe, expect, it } from 'vitest';
import { finishedRecord, unfinishedRecord } from '../../test/records.js';
import type { NewRecord } from '../idempotency-record.js';
import { completeStep, decideStep, type Step, type StepWork } from './step-door.js';

interface Change {
  readonly record?: NewRecord;
  readonly resent?: unknown;
}

const DAY_MS = 86_400_000;
const identity = { key: 'saga-1/capture-payment/action/1', fingerprint: 'v1:a', subject: 'order-1' };
const step: Step = { ...identity, ageMs: 1_000, isCompensation: false };
const terms = { lease: { holder: 'payment-0', leaseMs: 30_000 }, retentionMs: 35 * DAY_MS };

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
      change: { record: { scope: 'step', ...identity, recoveryPoint: 'finished', outcome: { outcome: 'ok' } } },
      answer: { kind: 'answered' },
    });
  });

  it('commits the intent of a phased step with a lease, and begins it', () => {
    expect(decideStep(null, step, terms, work())).toEqual({
      kind: 'change',
      change: { record: { scope: 'step', ...identity, recoveryPoint: 'intended', lease: terms.lease } },
      answer: { kind: 'begin', lease: { scope: 'step', key: step.key, subject: 'order-1', token: 1 } },
    });
  });

  it('sends the stored outcome of a finished step again, since the first reply may have been lost', () => {
    const record = finishedRecord({ outcome: { outcome: 'ok' } });
    expect(decideStep(record, step, terms, replayOnly)).toEqual({
      kind: 'change',
      change: { resent: { outcome: 'ok' } },
      answer: { kind: 'repeated' },
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

  it('begins no action whose first delivery may be forgotten: retention less a day of 35', () => {
    const aged = (ageMs: number) => decideStep(null, { ...step, ageMs }, terms, work()).answer.kind;
    expect(aged(34 * DAY_MS)).toBe('begin');
    expect(aged(34 * DAY_MS + 1)).toBe('too-old');
    expect(decideStep(null, { ...step, ageMs: 400 * DAY_MS }, terms, replayOnly).kind).toBe('answer');
  });

  it('accepts a compensation at any age, and sends what is known of an action again at any age', () => {
    const old = { ...step, ageMs: 400 * DAY_MS };
    expect(decideStep(null, { ...old, isCompensation: true }, terms, work()).answer.kind).toBe('begin');
    expect(decideStep(finishedRecord(), old, terms, replayOnly).answer).toEqual({ kind: 'repeated' });
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
