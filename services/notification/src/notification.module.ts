import { Module, type DynamicModule } from '@nestjs/common';
import { PhasedExecutor } from '@once/idempotency';
import { AccountsModule, DeadLettersModule, type AccountsOptions, type DeadLetters } from '@once/service-kit';
import { Correspondences } from './correspondence/correspondences.js';
import { MailRequestsConsumer } from './requests/mail-requests.consumer.js';

export interface NotificationParts {
  readonly accounts: AccountsOptions;
  readonly correspondences: Correspondences;
  readonly work: PhasedExecutor;
  readonly deadLetters: DeadLetters;
}

/** The ways into the notification service: what sagas want customers to be told, and what the operator does. */
@Module({})
export class NotificationModule {
  static of({ accounts, correspondences, work, deadLetters }: NotificationParts): DynamicModule {
    return {
      module: NotificationModule,
      imports: [AccountsModule.forRoot(accounts), DeadLettersModule.of(deadLetters)],
      controllers: [MailRequestsConsumer],
      providers: [
        { provide: Correspondences, useValue: correspondences },
        { provide: PhasedExecutor, useValue: work },
      ],
    };
  }
}
