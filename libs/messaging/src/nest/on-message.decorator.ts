import { EventPattern } from '@nestjs/microservices';

/** Binds handlers to RabbitMqTransport, whatever other transports the application has. */
export const RABBITMQ_TRANSPORT = Symbol('RABBITMQ_TRANSPORT');

/**
 * The method handles messages of this type: `(@Payload() payload, @Ctx() delivery: DeliveryContext) => Promise<Verdict>`.
 * Typed as a plain decorator because EventPattern's own type refuses a typed context parameter.
 */
export function OnMessage(type: string): MethodDecorator {
  // oxlint-disable-next-line typescript/no-unnecessary-type-arguments -- named, it selects the overload of a plain decorator
  return EventPattern<string>(type, RABBITMQ_TRANSPORT);
}
