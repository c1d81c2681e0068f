import { describe, expect, it } from 'vitest';
import { JsonLogger } from './json-logger.js';

function logged(level: string, speak: (logger: JsonLogger) => void): unknown[] {
  const lines: string[] = [];
  speak(new JsonLogger({ service: 'order', replica: 2, level, destination: { write: (line) => lines.push(line) } }));
  return lines.map((line): unknown => JSON.parse(line));
}

describe('JsonLogger', () => {
  it('writes a line with service, replica and the class that speaks', () => {
    expect(logged('info', (logger) => logger.log('started', 'OutboxRelay'))).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        service: 'order',
        replica: 2,
        pid: process.pid,
        context: 'OutboxRelay',
        message: 'started',
      },
    ]);
  });

  it('writes ids as fields', () => {
    const [line] = logged('info', (logger) => logger.warn({ message: 'late reply', sagaId: 's1', attempt: 2 }, 'Saga'));
    expect(line).toMatchObject({ level: 'warn', message: 'late reply', sagaId: 's1', attempt: 2, context: 'Saga' });
  });

  it('writes an error with its stack and cause', () => {
    const error = new Error('insert failed', { cause: new Error('connection lost') });
    const [line] = logged('info', (logger) => logger.error({ message: 'pass failed', error }));
    expect(line).toMatchObject({ message: 'pass failed', error: { type: 'Error', message: expect.any(String) } });
    expect(JSON.stringify(line)).toContain('connection lost');
    expect(JSON.stringify(line)).toContain('json-logger.spec.ts');
  });

  it("takes Nest's message, stack and context", () => {
    const [line] = logged('info', (logger) => logger.error('boom', 'Error: boom\n at x', 'ExceptionsHandler'));
    expect(line).toMatchObject({
      level: 'error',
      message: 'boom',
      stack: 'Error: boom\n at x',
      context: 'ExceptionsHandler',
    });
  });

  it('writes no secret, at whatever depth a caller hands it over', () => {
    const lines = logged('info', (logger) => {
      logger.log({ message: 'request', authorization: 'Bearer sk_demo' });
      logger.log({ message: 'request', headers: { authorization: 'Bearer sk_demo' } });
      logger.log({
        message: 'request',
        request: { headers: { authorization: 'Bearer sk_demo' } },
        settings: { operatorKey: 'op_demo' },
      });
      logger.error(new Error('cannot connect to postgres://once:pw_demo@db/once_order'));
      logger.log('using amqp://guest:pw_demo@broker:5672');
    });
    expect(lines).toHaveLength(5);
    expect(JSON.stringify(lines)).not.toMatch(/sk_demo|op_demo|pw_demo/);
  });

  it('leaves out what is below its level', () => {
    const lines = logged('warn', (logger) => {
      logger.debug('a');
      logger.verbose('b');
      logger.log('c');
      logger.warn('d');
      logger.fatal('e');
    });
    expect(lines).toMatchObject([{ message: 'd' }, { message: 'e', level: 'fatal' }]);
  });
});
