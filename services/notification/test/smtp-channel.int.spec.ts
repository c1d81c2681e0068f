import { createServer, type AddressInfo, type Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { OutgoingMail } from '../src/channel/mail-channel.js';
import { mailText } from '../src/channel/mail-text.js';
import { SmtpChannel } from '../src/channel/smtp-channel.js';
import { mailFor, ORDER_ID } from './mails.js';

const outgoing: OutgoingMail = { orderId: ORDER_ID, template: 'confirmed', mail: mailFor('confirmed') };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** A mail server that behaves as the options say, and what it was given. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ url: string; received: string[] }> {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push(Buffer.concat(chunks).toString());
        callback();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const port = await listening(server.server);
  closers.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(resolve);
      }),
  );
  return { url: `smtp://127.0.0.1:${port}`, received };
}

const channelTo = (url: string, timeoutMs = 5_000): SmtpChannel => {
  const channel = new SmtpChannel({ url, timeoutMs, connectionsMax: 2 });
  closers.push(async () => channel.close());
  return channel;
};
const sendTo = (url: string, timeoutMs?: number) => channelTo(url, timeoutMs).send(outgoing);
const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode });

describe('a mail that the server takes', () => {
  it('is sent, and names its order, its template and itself the same way every time', async () => {
    const { url, received } = await mailServer();
    expect(await sendTo(url)).toBe('sent');
    expect(await sendTo(url)).toBe('sent');

    for (const mail of received) {
      expect(mail).toContain(`Message-ID: <${ORDER_ID}.confirmed@once.example>`);
      expect(mail.toLowerCase()).toContain(`x-order-id: ${ORDER_ID}`);
      expect(mail).toContain('X-Template: confirmed');
      expect(mail).toContain('To: ada@example.com');
      expect(mail).toContain('24.00 has been paid');
      expect(mail).toContain('Content-Type: multipart/alternative');
      expect(mail).toContain('Content-Type: text/html');
    }
    expect(received).toHaveLength(2);
  });
});

describe('the text of a mail', () => {
  const decoded = (mail: string): string => {
    const bytes = mail.replaceAll(/=\r?\n/g, '').replaceAll(/=([\dA-F]{2})/g, (_, hex) => `%${String(hex)}`);
    return decodeURIComponent(bytes).replaceAll('\r\n', '\n');
  };

  it('arrives as it was written, plain and as markup, in lines that every server takes', async () => {
    const { url, received } = await mailServer();
    await sendTo(url);
    const [mail = ''] = received;
    const { text, html } = mailText(outgoing);
    expect(decoded(mail)).toContain(`\n\n${text}\n--`);
    expect(decoded(mail)).toContain(`\n\n${html}\n--`);
    expect(Math.max(...mail.split(/\r?\n/).map(({ length }) => length))).toBeLessThanOrEqual(78);
  });
});

describe('the connections of a channel', () => {
  it('carry many mails each', async () => {
    let connections = 0;
    const { url, received } = await mailServer({
      onConnect: (_session, callback) => {
        connections += 1;
        callback();
      },
    });
    const channel = channelTo(url);
    for (let count = 0; count < 10; count += 1) expect(await channel.send(outgoing)).toBe('sent');
    expect(received).toHaveLength(10);
    expect(connections).toBe(1);
  });

  it('are not opened again, unasked, when one breaks', async () => {
    let connections = 0;
    const breaking = createServer((socket) => {
      connections += 1;
      socket.end();
    });
    const port = await listening(breaking);
    closers.push(() => new Promise((resolve) => void breaking.close(resolve)));
    expect(await sendTo(`smtp://127.0.0.1:${port}`)).toBe('unknown');
    expect(connections).toBe(1);
  });
});

const atRecipient = (code: number): SMTPServerOptions => ({
  onRcptTo: (_address, _session, callback) => callback(refusal(code)),
});
const atMessage = (code: number): SMTPServerOptions => ({
  onData: (stream, _session, callback) => {
    stream.resume();
    stream.on('end', () => callback(refusal(code)));
  },
});

describe('a mail that the server refuses', () => {
  it.each([
    ['550 to the recipient', atRecipient(550)],
    ['554 to the message', atMessage(554)],
  ])('for good is undeliverable: %s', async (_name, options) => {
    expect(await sendTo((await mailServer(options)).url)).toBe('undeliverable');
  });

  it.each([
    ['450 to the recipient', atRecipient(450)],
    ['451 to the message', atMessage(451)],
  ])('for now is sent again: %s', async (_name, options) => {
    expect(await sendTo((await mailServer(options)).url)).toBe('deferred');
  });

  it.each<[string, SMTPServerOptions, string]>([
    ['the greeting', { onConnect: (_session, callback) => callback(refusal(554)) }, ''],
    ['the sender', { onMailFrom: (_address, _session, callback) => callback(refusal(550)) }, ''],
    [
      'the login',
      { authOptional: false, onAuth: (_auth, _session, callback) => callback(refusal(535)) },
      'once:wrong@',
    ],
  ])('because of %s, which is about us, is not given up', async (_name, options, login) => {
    const { url } = await mailServer({ allowInsecureAuth: true, ...options });
    expect(await sendTo(url.replace('//', `//${login}`))).toBe('deferred');
  });
});

describe('a server that does not answer', () => {
  it('is given up after the timeout, and the mail is sent again later', async () => {
    const silent = createServer();
    const port = await listening(silent);
    closers.push(() => new Promise((resolve) => void silent.close(resolve)));
    const startedAt = performance.now();
    expect(await sendTo(`smtp://127.0.0.1:${port}`, 200)).toBe('unknown');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('after it was given the message may have taken it', async () => {
    const { url } = await mailServer({ onData: (stream) => void stream.resume() });
    expect(await sendTo(url, 200)).toBe('unknown');
  });

  it('that says goodbye may have taken it', async () => {
    expect(await sendTo((await mailServer(atMessage(421))).url)).toBe('unknown');
  });

  it('because it is not there is tried again later', async () => {
    const gone = createServer();
    const port = await listening(gone);
    await new Promise((resolve) => void gone.close(resolve));
    expect(await sendTo(`smtp://127.0.0.1:${port}`)).toBe('deferred');
  });
});
