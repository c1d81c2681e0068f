import { Module, type DynamicModule } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { DEAD_LETTERS, type DeadLetters } from './dead-letters.js';

/** The routes under /operator/dead-letters. The service also imports AccountsModule, which knows the operator's key. */
@Module({})
export class DeadLettersModule {
  static of(letters: DeadLetters): DynamicModule {
    return {
      module: DeadLettersModule,
      controllers: [DeadLettersController],
      providers: [{ provide: DEAD_LETTERS, useValue: letters }],
    };
  }
}
