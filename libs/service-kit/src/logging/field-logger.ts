import { Logger } from '@nestjs/common';

/** Nest's logger in the form that libraries take: fields first, then the sentence, as pino has it. */
export interface FieldLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export function fieldLogger(context: string): FieldLogger {
  const log = new Logger(context);
  return {
    debug: (fields, message) => log.debug({ ...fields, message }),
    info: (fields, message) => log.log({ ...fields, message }),
    warn: (fields, message) => log.warn({ ...fields, message }),
    error: (fields, message) => log.error({ ...fields, message }),
  };
}
