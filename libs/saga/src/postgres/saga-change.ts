/** A transition as the commit statement reads it: one jsonb value per member. */
import type { SagaInstance } from '../saga-instance.js';
import type { TimelineEvent, Transition } from '../transition.js';

/** Where a transition was decided and which messages went with it; the pure function cannot know. */
export interface TransitionContext {
  readonly service: string;
  readonly replica: number;
  readonly traceId: string | null;
  /** The message whose content was the input. */
  readonly receivedMessageId: string | null;
  /** The message that carries the transition's command. */
  readonly sentMessageId: string | null;
}

/** The saga as it is to be (it applies to the version before), and what its rows need besides. */
export interface SagaChange extends SagaInstance {
  readonly timerAfterMs: number | null;
  readonly keepsTimer: boolean;
  readonly giveUpAfterMs: number | null;
  readonly service: string;
  readonly replica: number;
  readonly traceId: string | null;
  readonly timeline: readonly (TimelineEvent & { readonly messageId: string | null })[];
}

export const sagaChange = (transition: Transition, context: TransitionContext): SagaChange => {
  const { kind, next, timer, giveUpAfterMs, events } = transition;
  const { service, replica, traceId, receivedMessageId, sentMessageId } = context;
  return {
    ...next,
    timerAfterMs: timer?.afterMs ?? null,
    keepsTimer: kind === 'late',
    giveUpAfterMs,
    service,
    replica,
    traceId,
    timeline: events.map((event) => ({
      ...event,
      messageId: messageIdOf(event.event, receivedMessageId, sentMessageId),
    })),
  };
};

const messageIdOf = (event: string, receivedId: string | null, sentId: string | null): string | null => {
  if (event === 'replied') return receivedId;
  return event === 'sent' ? sentId : null;
};
