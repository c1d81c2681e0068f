import { describe, expect, it } from 'vitest';
import { statementKind } from './statement-kind.js';
import { PIECES, readInPieces, type Spoken } from './testing/read-in-pieces.js';

function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length + 4);
  return Buffer.concat([Buffer.from(type), length, payload]);
}

const startup = message('', Buffer.from([0, 3, 0, 0]), 'user\0once\0\0');
const sslRequest = message('', Buffer.from([0x04, 0xd2, 0x16, 0x2f]));
const welcome = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', 'I')]);
const query = (text: string): Buffer => message('Q', `${text}\0`);
const parse = (name: string, text: string): Buffer => message('P', `${name}\0${text}\0`, Buffer.alloc(2));
const run = (name: string, parameters = ''): Buffer =>
  Buffer.concat([
    message('B', `\0${name}\0`, parameters),
    message('D', 'P\0'),
    message('E', '\0', Buffer.alloc(4)),
    message('S'),
  ]);
const complete = (tag: string, status = 'I'): Buffer => Buffer.concat([message('C', `${tag}\0`), message('Z', status)]);
const refused = (status = 'I'): Buffer => Buffer.concat([message('E', 'SERROR\0\0'), message('Z', status)]);

const INSERT = 'with m as (select 1) insert into t select 1 returning a';

describe.each(PIECES)('a conversation with Postgres that arrives in pieces of %i bytes', (pieceBytes) => {
  const read = (...spoken: readonly Spoken[]): readonly string[] =>
    readInPieces('postgres', [['client', startup], ['server', welcome], ...spoken], pieceBytes);

  it('has a commit where a changing statement in autocommit ends, and its answer', () => {
    expect(read(['client', Buffer.concat([parse('x', INSERT), run('x')])], ['server', complete('SELECT 1')])).toEqual([
      `> commit ${INSERT}`,
      '< commit',
      `> commit-answer ${INSERT}`,
      '< commit-answer',
    ]);
  });

  it('knows a prepared statement by its name, with parameters of any size', () => {
    const events = [`> commit ${INSERT}`, '< commit', `> commit-answer ${INSERT}`, '< commit-answer'];
    expect(
      read(
        ['client', Buffer.concat([parse('x', INSERT), run('x')])],
        ['server', complete('SELECT 1')],
        ['client', run('x', 'p'.repeat(40_000))],
        ['server', complete('SELECT 1')],
      ),
    ).toEqual([...events, ...events]);
  });

  it('has no commit where nothing is changed', () => {
    expect(
      read(
        ['client', Buffer.concat([parse('x', 'select * from t for update'), run('x')])],
        ['server', complete('SELECT 1')],
        ['client', query('set search_path to x')],
        ['server', complete('SET')],
      ),
    ).toEqual([]);
  });

  it('has one commit in a transaction, at its COMMIT', () => {
    expect(
      read(
        ['client', query('START TRANSACTION')],
        ['server', complete('BEGIN', 'T')],
        ['client', query('insert into t values (1)')],
        ['server', complete('INSERT 0 1', 'T')],
        ['client', query('COMMIT')],
        ['server', complete('COMMIT')],
        ['client', query('delete from t')],
        ['server', complete('DELETE 1')],
      ),
    ).toEqual([
      '> commit COMMIT',
      '< commit',
      '> commit-answer COMMIT',
      '< commit-answer',
      '> commit delete from t',
      '< commit',
      '> commit-answer delete from t',
      '< commit-answer',
    ]);
  });

  it('has none in a transaction that rolls back', () => {
    expect(
      read(
        ['client', query('begin')],
        ['server', complete('BEGIN', 'T')],
        ['client', query('insert into t values (1)')],
        ['server', refused('E')],
        ['client', query('rollback')],
        ['server', complete('ROLLBACK')],
      ),
    ).toEqual([]);
  });

  it('has no answer that says it has committed when the server refuses', () => {
    expect(read(['client', query('insert into t values (1)')], ['server', refused()])).toEqual([
      '> commit insert into t values (1)',
      '< commit',
    ]);
  });

  it('goes on after a refused encryption and passes an encrypted connection unread', () => {
    const inClear: readonly Spoken[] = [
      ['client', sslRequest],
      ['server', Buffer.from('N')],
      ['client', startup],
      ['server', welcome],
      ['client', query('delete from t')],
    ];
    expect(readInPieces('postgres', inClear, pieceBytes)).toEqual(['> commit delete from t', '< commit']);
    const encrypted: readonly Spoken[] = [
      ['client', sslRequest],
      ['server', Buffer.from('S')],
      ['client', Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5])],
    ];
    expect(readInPieces('postgres', encrypted, pieceBytes)).toEqual(['not understood: the connection is encrypted']);
  });
});

describe('what a statement does', () => {
  it.each([
    ['  BEGIN', 'begin'],
    ['start transaction isolation level serializable', 'begin'],
    ['commit', 'commit'],
    ['end', 'commit'],
    ['rollback', 'rollback'],
    ['rollback to savepoint a', 'other'],
    ['select 1', 'other'],
    ['select * from job for update skip locked', 'other'],
    ['select "update", created_at from t', 'other'],
    ['insert into t values (1)', 'change'],
    ['with gone as (delete from t returning id) select id from gone', 'change'],
    ['with u as (update t x set a = 1 returning 1) select 1 from u', 'change'],
    ['update only "t" set a = 1', 'change'],
    ['merge into t using s on true when matched then delete', 'change'],
    ['select 1; drop table t', 'change'],
    ['create table t (a int)', 'change'],
  ] as const)('%s: %s', (text, kind) => {
    expect(statementKind(text)).toBe(kind);
  });
});
