import type { ClientBase } from 'pg';

/**
 * Finds commits that look like a success and are not one.
 *
 * A COMMIT that waits for its synchronous standby is ended by no server timeout. When the wait is cancelled, Postgres answers
 * "committed" and adds only a WARNING that the standby may not have it: after a fail-over the row is gone. The notice is
 * recognised by the server routine that sends it, because its text is translated.
 */
const WAITING_ROUTINE = 'SyncRepWaitForLSN';

const unconfirmed = new WeakSet<ClientBase>();

/** Called once per connection, before its first statement. */
export function watchCommits(client: ClientBase): void {
  client.on('notice', (notice) => {
    if (notice.routine === WAITING_ROUTINE) unconfirmed.add(client);
  });
}

/** Throws if the statement that just ended on this connection was committed here but perhaps not on the standby. */
export function assertCommitConfirmed(client: ClientBase): void {
  if (!unconfirmed.delete(client)) return;
  throw new CommitUnconfirmedError();
}

export class CommitUnconfirmedError extends Error {
  readonly code = 'commit_unconfirmed';
  override readonly name = 'CommitUnconfirmedError';

  constructor() {
    super('the commit was not confirmed by the synchronous standby: its outcome is unknown');
  }
}
