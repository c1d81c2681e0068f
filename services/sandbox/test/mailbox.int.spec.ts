import { createTransport, type Transporter } from 'nodemailer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../src/faults/fault-rule.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

interface MailLine {
  readonly seq: number;
  readonly orderId: string | null;
  readonly template: string | null;
  readonly to: string;
  readonly subject: string;
  readonly messageId: string;
  readonly idempotencyKey: string;
  readonly via: string;
}

describe('the mailbox, for nodemailer', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
  });
  afterEach(() => sandbox.clearFaults());
  afterAll(() => sandbox.close());

  const transport = (): Transporter =>
    createTransport({ host: '127.0.0.1', port: sandbox.smtpPort, secure: false, socketTimeout: 1_500 });
  const send = (orderId: string, more: Record<string, string> = {}) =>
    transport().sendMail({
      from: 'shop@example.com',
      to: 'ada@example.com',
      subject: 'Your order ☂ is confirmed',
      messageId: `<${orderId}.confirmed@shop.example>`,
      text: 'Thank you.',
      headers: { 'X-Order-Id': orderId, 'X-Template': 'confirmed', ...more },
    });
  const mailsOf = (orderId: string): Promise<MailLine[]> => sandbox.json('GET', `/sandbox/mailbox?order_id=${orderId}`);
  const attemptsOf = (orderId: string): Promise<object[]> =>
    sandbox.json('GET', `/sandbox/deliveries?order_id=${orderId}`);
  const strikeOnce = (fault: FaultRule['fault'], more: Partial<FaultRule> = {}) =>
    sandbox.setFaults([{ operation: 'smtp.send', fault, times: 1, ...more }]);

  it('keeps order, template, recipient, subject and identity of a mail', async () => {
    await send('kept');
    expect(await mailsOf('kept')).toMatchObject([
      {
        template: 'confirmed',
        to: 'ada@example.com',
        subject: 'Your order ☂ is confirmed',
        messageId: '<kept.confirmed@shop.example>',
        idempotencyKey: '<kept.confirmed@shop.example>',
        via: 'smtp',
      },
    ]);
  });

  it('takes a key of its own where one is sent', async () => {
    await send('keyed', { 'X-Idempotency-Key': 'confirmation-7' });
    expect(await mailsOf('keyed')).toMatchObject([{ idempotencyKey: 'confirmation-7' }]);
  });

  it('shows a mail that was sent twice twice', async () => {
    await send('twice');
    await send('twice');
    expect(new Set((await mailsOf('twice')).map(({ messageId }) => messageId)).size).toBe(1);
    expect(await mailsOf('twice')).toHaveLength(2);
  });

  it('accept_then_timeout: has the mail, and the sender does not know', async () => {
    await strikeOnce('accept_then_timeout');
    await expect(send('silent')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(await mailsOf('silent')).toHaveLength(1);
    expect(await attemptsOf('silent')).toMatchObject([
      { operation: 'smtp.send', status: null, fault: 'accept_then_timeout' },
    ]);
  });

  it.each([
    ['reject_4xx', 451],
    ['reject_5xx', 550],
  ] as const)('%s: refuses with %i and keeps nothing', async (fault, responseCode) => {
    await strikeOnce(fault, { match: { email: 'ada@example.com' } });
    await expect(send(fault)).rejects.toMatchObject({ responseCode });
    expect(await mailsOf(fault)).toEqual([]);
    expect(await attemptsOf(fault)).toMatchObject([{ status: responseCode, fault }]);
    await send(fault);
    expect(await mailsOf(fault)).toHaveLength(1);
  });

  it('slow: takes the mail and answers after delayMs', async () => {
    await strikeOnce('slow', { delayMs: 600 });
    const startedAt = performance.now();
    await send('slow');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(595);
  });

  it('down: closes the connection and keeps nothing', async () => {
    await strikeOnce('down');
    await expect(send('down')).rejects.toThrow('closed');
    expect(await mailsOf('down')).toEqual([]);
  });
});
