import type { LoggerService } from '@nestjs/common';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export interface JsonLoggerOptions {
  readonly service: string;
  readonly replica: number;
  readonly level: string;
  readonly destination?: DestinationStream;
}

/** Whatever is called like this is never written, at the top of a line or one or two objects deep. */
const SECRET_NAMES = [
  'authorization',
  'apiKey',
  'apiKeys',
  'operatorKey',
  'password',
  'secret',
  'token',
  'paymentProviderKey',
  'paymentWebhookSecret',
  'databaseUrl',
  'amqpUrl',
];
const REDACTED_PATHS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** A password inside a URL, as drivers put it into the messages of their errors. Looked for in the finished line. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*:)[^\s@"]+@/gi;

/**
 * One JSON line per event on stdout, for Nest and for us. Ids are fields, never parts of a sentence:
 * `log.log({ message: 'order placed', orderId, sagaId })`.
 */
export class JsonLogger implements LoggerService {
  private readonly logger: Logger;

  constructor({ service, replica, level, destination }: JsonLoggerOptions) {
    const options = {
      level,
      base: { service, replica, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
      messageKey: 'message',
      errorKey: 'error',
      hooks: { streamWrite: (line: string) => line.replace(URL_PASSWORD, '$1[redacted]@') },
    };
    this.logger = destination === undefined ? pino(options) : pino(options, destination);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.info(...lineOf(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(...lineOf(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(...lineOf(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(...lineOf(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.trace(...lineOf(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal(...lineOf(message, rest));
  }
}

type Line = [fields: Record<string, unknown>, message: string];

/** Nest passes a message, perhaps a stack, and last the name of the class that speaks. */
function lineOf(message: unknown, rest: readonly unknown[]): Line {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  const fields = {
    ...(typeof context === 'string' ? { context } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
  };
  if (message instanceof Error) return [{ ...fields, error: message }, message.message];
  if (typeof message !== 'object' || message === null) return [fields, String(message)];
  const text = 'message' in message && typeof message.message === 'string' ? message.message : '';
  return [{ ...fields, ...message, message: undefined }, text];
}
