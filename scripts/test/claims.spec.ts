import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * TypeORM's `save()` of a key that exists becomes an update, so that two racers both believe that they were first, and
 * `orIgnore()` gives an identifier back whether or not it has inserted anything.
 */
const LOSES_RACES = /\.(save|upsert|orIgnore)\(/;

/** The sources of every library and service, from the repository. */
function sources(): readonly string[] {
  const workspaces = ['libs', 'services'].flatMap((kind) =>
    readdirSync(join(repository, kind)).map((name) => join(kind, name, 'src')),
  );
  return workspaces
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true }).map((file) => join(folder, String(file))),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
}

describe('a claim', () => {
  it('is a statement of SQL, never a method of TypeORM that hides who was first', () => {
    expect(sources().length).toBeGreaterThan(100);
    expect(sources().filter((file) => LOSES_RACES.test(readFileSync(join(repository, file), 'utf8')))).toEqual([]);
  });
});
