import { Module, type DynamicModule } from '@nestjs/common';
import { PhasedExecutor } from '@once/idempotency';
import { Correspondences } from './correspondence/correspondences.js';
import { MailRequestsConsumer } from './requests/mail-requests.consumer.js';

export interface NotificationParts {
  readonly correspondences: Correspondences;
  readonly work: PhasedExecutor;
}

/** The ways into the notification service: what sagas want customers to be told. */
@Module({})
export class NotificationModule {
  static of({ correspondences, work }: NotificationParts): DynamicModule {
    return {
      module: NotificationModule,
      controllers: [MailRequestsConsumer],
      providers: [
        { provide: Correspondences, useValue: correspondences },
        { provide: PhasedExecutor, useValue: work },
      ],
    };
  }
}
