import type { z } from 'zod';

/** The services that receive messages; each has one queue named after it. */
export const DESTINATIONS = ['order', 'payment', 'notification'] as const;
export type Destination = (typeof DESTINATIONS)[number];

/** One kind of message that crosses a process boundary: who receives it and what its payload looks like. */
export interface MessageContract<Type extends string, Payload extends z.ZodType> {
  readonly type: Type;
  readonly destination: Destination;
  /** Grows when the payload changes incompatibly; unknown fields are ignored, unknown versions are dead-lettered. */
  readonly version: number;
  readonly payload: Payload;
}

export function defineMessage<Type extends string, Payload extends z.ZodType>(
  contract: MessageContract<Type, Payload>,
): MessageContract<Type, Payload> {
  return contract;
}
