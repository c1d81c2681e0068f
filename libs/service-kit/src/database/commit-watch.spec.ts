import { EventEmitter } from 'node:events';
import type { ClientBase } from 'pg';
import { describe, expect, it } from 'vitest';
import { assertCommitConfirmed, CommitUnconfirmedError, watchCommits } from './commit-watch.js';

/** A connection on which the server can say something. */
function listenedClient(): ClientBase {
  const client = new EventEmitter() as unknown as ClientBase;
  watchCommits(client);
  return client;
}

describe('watchCommits', () => {
  it('refuses a commit whose wait for the standby was cancelled, in any language', () => {
    const client = listenedClient();
    client.emit('notice', { severity: 'WARNUNG', routine: 'SyncRepWaitForLSN', message: 'Warten abgebrochen' });
    expect(() => assertCommitConfirmed(client)).toThrow(CommitUnconfirmedError);
  });

  it('says it once, to the statement it belongs to', () => {
    const client = listenedClient();
    client.emit('notice', { routine: 'SyncRepWaitForLSN' });
    expect(() => assertCommitConfirmed(client)).toThrow(CommitUnconfirmedError);
    expect(() => assertCommitConfirmed(client)).not.toThrow();
  });

  it('ignores other notices and other connections', () => {
    const [client, other] = [listenedClient(), listenedClient()];
    client.emit('notice', { routine: 'DefineRelation', message: 'relation exists, skipping' });
    other.emit('notice', { routine: 'SyncRepWaitForLSN' });
    expect(() => assertCommitConfirmed(client)).not.toThrow();
  });
});
