import { describe, expect, it } from 'vitest';
import { PIECES, readInPieces, type Spoken } from './testing/read-in-pieces.js';

const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\r\n`).join(''));

/** A mail as the server is asked to take it, up to the invitation to send it. */
const INVITED: readonly Spoken[] = [
  ['server', text('220 mail.example ready')],
  ['client', text('EHLO once')],
  ['server', text('250-mail.example', '250 SIZE 1000')],
  ['client', text('MAIL FROM:<orders@once.example>')],
  ['server', text('250 go on')],
  ['client', text('DATA')],
  ['server', text('354 end it with a dot')],
];
const HEARD_OF_INVITED = [
  '> response connection 220',
  '< response',
  '> request EHLO',
  '< request',
  '> response EHLO 250',
  '< response',
  '> request MAIL',
  '< request',
  '> response MAIL 250',
  '< response',
  '> request DATA',
  '< request',
  '> response DATA 354',
  '< response',
];

describe.each(PIECES)('a conversation in SMTP that arrives in pieces of %i bytes', (pieceBytes) => {
  const read = (...spoken: readonly Spoken[]): readonly string[] => readInPieces('smtp', spoken, pieceBytes);

  it('has commands, replies of several lines, and a mail that ends with its dot', () => {
    const mail = ['Subject: MAIL', '', '..', '.not the end', ''];
    expect(
      read(...INVITED, ['client', text(...mail, '.', 'QUIT')], ['server', text('250 it is in the mailbox', '221 bye')]),
    ).toEqual([
      ...HEARD_OF_INVITED,
      '> request mail',
      '< request',
      '> request QUIT',
      '< request',
      '> response mail 250',
      '< response',
      '> response QUIT 221',
      '< response',
    ]);
  });

  it('goes on with commands when the server does not want the mail', () => {
    const refused: readonly Spoken[] = [...INVITED.slice(0, -1), ['server', text('451 later')]];
    expect(read(...refused, ['client', text('RSET')]).slice(-4)).toEqual([
      '> response DATA 451',
      '< response',
      '> request RSET',
      '< request',
    ]);
  });

  it('is passed on unread where it is encrypted', () => {
    const encrypted: readonly Spoken[] = [
      ['server', text('220 ready')],
      ['client', text('STARTTLS')],
      ['server', text('220 go ahead')],
      ['client', Buffer.from([0x16, 0x03, 0x01, 0x0a, 0x00])],
    ];
    expect(read(...encrypted).at(-1)).toBe('not understood: the connection is encrypted from here on');
  });

  it.each([
    [['server', text('SSH-2.0-OpenSSH')] as const, 'no reply of SMTP'],
    [['client', text('BDAT 5 LAST')] as const, 'a mail in chunks'],
    [['client', Buffer.alloc(20_000, 'x')] as const, 'no end of a line'],
  ])('passes on what it cannot read', (spoken, reason) => {
    expect(read(spoken).at(-1)).toBe(`not understood: ${reason}`);
  });
});
