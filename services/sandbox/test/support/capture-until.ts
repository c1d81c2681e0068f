import type { SandboxClient } from './sandbox-client.js';

/** Makes and captures one intent after the other until told to stop, and returns those whose capture was answered. */
export async function captureUntil(sandbox: SandboxClient, isOver: () => boolean): Promise<string[]> {
  const answered: string[] = [];
  while (!isOver()) {
    try {
      answered.push((await sandbox.capturedIntent()).id);
    } catch {
      // The provider died, or its database was away: nothing was answered, so nothing was promised.
    }
  }
  return answered;
}
