import { Logger } from '@nestjs/common';
import { AbstractLogger, type LogLevel, type LogMessage } from 'typeorm';

/** Sends what TypeORM has to say (a failed migration) to the log of the process; its own standard is plain text on the console. */
export class DatabaseLogger extends AbstractLogger {
  private readonly destination = new Logger('Database');

  protected override writeLog(
    _level: LogLevel,
    message: LogMessage | string | number | (LogMessage | string | number)[],
  ): void {
    for (const { message: text, type } of this.prepareLogMessages(message))
      this.destination.warn({ message: String(text), type });
  }
}
