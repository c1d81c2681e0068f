import { EventPattern } from '@nestjs/microservices';

/** Binds handlers to RabbitMqTransport, whatever other transports the application has. */
export const RABBITMQ_TRANSPORT = Symbol('RABBITMQ_TRANSPORT');

/**
 * The method handles messages of this type and version (the first is 1):
 * `(@Payload() payload, @Ctx() delivery: DeliveryContext) => Promise<Verdict>`. A version without a handler becomes a dead
 * letter, as an unknown type does: guessing what a newer sender means is worse than keeping its message.
 * Typed as a plain decorator because EventPattern's own type refuses a typed context parameter.
 */
export function OnMessage(type: string, version = 1): MethodDecorator {
  // oxlint-disable-next-line typescript/no-unnecessary-type-arguments -- named, it selects the overload of a plain decorator
  return EventPattern<string>(patternOf(type, version), RABBITMQ_TRANSPORT);
}

export function patternOf(type: string, version: number): string {
  return `${type} v${version}`;
}
