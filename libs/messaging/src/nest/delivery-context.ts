import { BaseRpcContext } from '@nestjs/microservices';
import type { Delivery } from '../delivery.js';
import type { Envelope } from '../envelope.js';

/** What a handler gets as `@Ctx()`: the delivery, and no channel. Settling is the library's. */
export class DeliveryContext extends BaseRpcContext<[Delivery, string | null]> {
  get envelope(): Envelope {
    return this.args[0].envelope;
  }

  /** True when an earlier attempt may have been made. */
  get isRedelivered(): boolean {
    return this.args[0].isRedelivered;
  }

  /** The first is 1. */
  get attempt(): number {
    return this.args[0].attempt;
  }

  /** The trace of this handling, for what it causes. The envelope has that of its sender. */
  get trace(): { readonly traceparent?: string } {
    const [, traceparent] = this.args;
    return traceparent === null ? {} : { traceparent };
  }
}
