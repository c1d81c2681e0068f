import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTransport, type Transporter } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FaultProxy } from '../../src/index.js';

describe('the fault proxy before a mail server', () => {
  const mailbox: string[] = [];
  let server: SMTPServer;
  let port: number;
  let proxy: FaultProxy;
  let transport: Transporter;

  beforeAll(async () => {
    server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      onData: (stream, _session, callback) => {
        text(stream).then((mail) => {
          mailbox.push(/^Subject: (.*)\r$/m.exec(mail)?.[1] ?? '');
          callback(null);
        }, callback);
      },
    });
    server.on('error', () => {}); // cut connections
    const listening = server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    ({ port } = listening.address() as AddressInfo);
  });
  beforeEach(async () => {
    mailbox.length = 0;
    proxy = await FaultProxy.before(`smtp://127.0.0.1:${port}`);
    transport = createTransport({ url: proxy.url, pool: true, maxRequeues: 0 });
  });
  afterEach(async () => {
    transport.close();
    await proxy.close();
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const send = (subject: string): Promise<'sent' | 'lost'> =>
    transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject, text: '.\n.line\n' }).then(
      () => 'sent',
      () => 'lost',
    );

  it('tells what passed', async () => {
    expect(await send('first')).toBe('sent');
    const stop = proxy.record();
    expect(await send('second')).toBe('sent');
    const passed = stop();
    const detailsOf = (wanted: string): string[] =>
      passed.filter(({ kind }) => kind === wanted).map(({ detail }) => detail);
    // The two sides may overlap: a client need not wait for each reply.
    expect(detailsOf('request')).toEqual(['MAIL', 'RCPT', 'DATA', 'mail']);
    expect(detailsOf('response')).toEqual(['MAIL 250', 'RCPT 250', 'DATA 354', 'mail 250']);
    expect(mailbox).toEqual(['first', 'second']);
  });

  it('cuts before a mail: it was not sent', async () => {
    proxy.arm({ moment: 'before', event: 'request', where: isMail, action: { kind: 'cut' } });
    expect([await send('first'), await send('second')]).toEqual(['lost', 'sent']);
    expect(mailbox).toEqual(['second']);
  });

  it.each([
    ['after', 'request'],
    ['before', 'response'],
  ] as const)('cuts %s a mail %s: it was sent, and nobody heard', async (moment, event) => {
    proxy.arm({ moment, event, where: isMail, action: { kind: 'cut' } });
    expect([await send('first'), await send('second')]).toEqual(['lost', 'sent']);
    await eventually(() => expect(new Set(mailbox)).toEqual(new Set(['first', 'second'])));
  });
});

const isMail = ({ detail }: { readonly detail: string }): boolean => detail.startsWith('mail');
