/**
 * Tells a saga as a story, without I/O:
 *
 *     given(checkout)
 *       .expectLocal('reserve-stock')
 *       .expectCommand('authorise-payment')
 *       .onRefusal('card_declined')
 *       .expectLocal('release-stock')
 *       .expectUndone()
 *       .expectCommand('send-cancellation')
 *       .onReply('ok')
 *       .expectCompensated();
 *
 * Expectations are complete and in order: whatever a transition did and the story does not tell fails the next line.
 */
import { AssertionError } from 'node:assert';
import type { SagaDefinition } from '../saga-definition.js';
import type { LocalRefusal, ReplyInput, ReplyOutcome, Resolution, SagaInput } from '../saga-input.js';
import { awaitedOperation, type Operation, type SagaInstance } from '../saga-instance.js';
import { startSaga, transition } from '../saga-transitions.js';
import type { Transition } from '../transition.js';

/** A new saga of this definition; `localRefusal` is what the caller finds it cannot do at the start. */
export const given = (definition: SagaDefinition, localRefusal?: LocalRefusal): SagaSpecification => {
  const start = { id: 'saga', subjectId: 'subject', ...(localRefusal === undefined ? {} : { localRefusal }) };
  return new SagaSpecification(definition, startSaga(definition, start));
};

export class SagaSpecification {
  private saga: SagaInstance;
  private untold: string[];
  private lastReply: ReplyInput | undefined;

  constructor(
    private readonly definition: SagaDefinition,
    private latest: Transition,
  ) {
    this.saga = latest.next;
    this.untold = tell(latest, undefined);
  }

  expectLocal(name: string): this {
    return this.expect(`local ${name}`);
  }

  /** The next command; attempt and generation are the first unless told otherwise. */
  expectCommand(type: string, { attempt = 1, generation = 1 } = {}): this {
    return this.expect(`command ${type}, generation ${generation}, attempt ${attempt}`);
  }

  expectPivoted(): this {
    return this.expect('pivoted');
  }

  expectUndone(): this {
    return this.expect('undone');
  }

  expectCompleted(): this {
    return this.expect('completed').expectNothing();
  }

  expectCompensated(): this {
    return this.expect('compensated').expectNothing();
  }

  expectHandedOver(): this {
    return this.expect('handed-over').expectNothing();
  }

  expectParked(reason: string): this {
    return this.expect(`parked: ${reason}`);
  }

  /** The input changed the saga's timeline and nothing else. */
  expectLate(): this {
    return this.expect('late');
  }

  expectIgnored(): this {
    return this.expect('ignored');
  }

  /** A new generation waits for its pause to end. */
  expectPause(): this {
    return this.expect('pause');
  }

  expectReason(reason: string | null): this {
    return this.saga.reason === reason ? this : this.fail(`reason ${reason}`, [`reason ${this.saga.reason}`]);
  }

  /** When the saga looks again; null when it never does. */
  expectTimer(afterMs: number | null): this {
    const actual = this.latest.timer?.afterMs ?? null;
    return actual === afterMs ? this : this.fail(`a timer of ${afterMs} ms`, [`a timer of ${actual} ms`]);
  }

  expectNothing(): this {
    return this.untold.length === 0 ? this : this.fail('nothing', this.untold);
  }

  /** The awaited operation is answered; `localRefusal` is what the caller finds it cannot do next. */
  onReply(outcome: ReplyOutcome, reason?: string, localRefusal?: LocalRefusal): this {
    return this.reply(this.awaited(), outcome, {
      ...(reason === undefined ? {} : { reason }),
      ...(localRefusal === undefined ? {} : { localRefusal }),
    });
  }

  onRefusal(reason: string): this {
    return this.onReply('refused', reason);
  }

  /** Any operation is answered, awaited or not. */
  onReplyTo(operation: Omit<Operation, 'sagaId'>, outcome: ReplyOutcome): this {
    return this.reply(operation, outcome, {});
  }

  /** The reply that came last comes again. */
  onRepeatedReply(): this {
    if (this.lastReply === undefined) throw new Error('no reply has come yet');
    return this.on(this.lastReply);
  }

  onTimer(): this {
    return this.onTimerOf(this.awaited(), this.saga.attempt);
  }

  /** Any timer runs out, of the last attempt or not. */
  onTimerOf(operation: Omit<Operation, 'sagaId'>, attempt: number): this {
    return this.on({ kind: 'timer', operation: { ...operation, sagaId: this.saga.id }, attempt });
  }

  onDeadline(): this {
    return this.on({ kind: 'deadline' });
  }

  onCancel(reason = 'requested'): this {
    return this.on({ kind: 'cancel', reason });
  }

  onResolve(resolution: Resolution, note = 'asked the provider'): this {
    return this.on({ kind: 'resolve', resolution, note });
  }

  private reply(
    operation: Omit<Operation, 'sagaId'>,
    outcome: ReplyOutcome,
    details: Pick<ReplyInput, 'reason' | 'localRefusal'>,
  ): this {
    this.lastReply = { kind: 'reply', operation: { ...operation, sagaId: this.saga.id }, outcome, ...details };
    return this.on(this.lastReply);
  }

  private on(input: SagaInput): this {
    this.expectNothing();
    const before = this.saga;
    this.latest = transition(this.definition, before, input);
    this.saga = this.latest.next;
    this.untold = tell(this.latest, before);
    return this;
  }

  private awaited(): Operation {
    return awaitedOperation(this.saga) ?? this.fail('an awaited operation', [`a saga that is ${this.saga.state}`]);
  }

  private expect(happening: string): this {
    if (this.untold[0] !== happening) return this.fail(happening, this.untold);
    this.untold = this.untold.slice(1);
    return this;
  }

  private fail(expected: string, actual: readonly string[]): never {
    const message = `expected ${expected}, but saga ${this.definition.name} did: ${actual.join('; ') || 'nothing'}`;
    throw new AssertionError({ message, expected, actual: actual[0] });
  }
}

/** What a transition did, in the words of the expectations. */
const tell = ({ kind, next, command, effects }: Transition, before: SagaInstance | undefined): string[] => {
  if (kind !== 'moved') return [kind];
  const told = effects.map((effect) => (effect.kind === 'local' ? `local ${effect.name}` : effect.kind));
  if (command !== null) {
    const { generation } = command.operation;
    told.push(`command ${command.type}, generation ${generation}, attempt ${command.attempt}`);
  }
  if (next.state === 'compensated') told.push('compensated');
  if (next.state === 'parked' && before?.state !== 'parked') told.push(`parked: ${next.parkedReason}`);
  if (next.generation > (before?.generation ?? 1)) told.push('pause');
  return told;
};
