import { Module, type DynamicModule } from '@nestjs/common';
import { Accounts, type AccountsOptions } from './accounts.js';

/** Gives AccountGuard and OperatorGuard the keys they know, in every module of the service. */
@Module({})
export class AccountsModule {
  static forRoot(options: AccountsOptions): DynamicModule {
    return {
      module: AccountsModule,
      global: true,
      providers: [{ provide: Accounts, useValue: new Accounts(options) }],
      exports: [Accounts],
    };
  }
}
