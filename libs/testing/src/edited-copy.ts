import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** One change to a compiled file, with which a proof takes a guard out. */
export interface Edit {
  /** Relative to the repository: `libs/messaging/dist/…/x.js`. */
  readonly file: string;
  /** Text that occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface EditedCopy {
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * Copies what is built, applies the edits and returns where it is. Production code has no switches: whoever wants to see a
 * guard missing changes the code. An edit that no longer fits its file is an error, so a control cannot rot unnoticed.
 */
export const editedCopy = async (edits: readonly Edit[]): Promise<EditedCopy> => {
  const directory = await mkdtemp(join(tmpdir(), 'once-edited-'));
  for (const place of ['libs', 'services']) {
    for (const name of await readdir(join(repository, place))) {
      await copyBuilt(join(place, name), directory);
    }
  }
  await linkDependencies(directory);
  for (const edit of edits) await apply(edit, directory);
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
};

const copyBuilt = async (workspace: string, directory: string): Promise<void> => {
  await mkdir(join(directory, workspace), { recursive: true });
  for (const part of ['package.json', 'dist', 'public']) {
    const source = join(repository, workspace, part);
    if (existsSync(source)) await cp(source, join(directory, workspace, part), { recursive: true });
  }
};

/** Packages come from the repository, except its own, which come from the copy. */
const linkDependencies = async (directory: string): Promise<void> => {
  const modules = join(repository, 'node_modules');
  await mkdir(join(directory, 'node_modules', '@once'), { recursive: true });
  for (const name of await readdir(modules)) {
    if (name !== '@once' && !name.startsWith('.')) {
      await symlink(join(modules, name), join(directory, 'node_modules', name));
    }
  }
  for (const name of await readdir(join(directory, 'libs'))) {
    await symlink(join(directory, 'libs', name), join(directory, 'node_modules', '@once', name));
  }
};

const apply = async ({ file, find, replace }: Edit, directory: string): Promise<void> => {
  const path = join(directory, file);
  const source = await readFile(path, 'utf8');
  const occurrences = source.split(find).length - 1;
  if (occurrences !== 1) throw new Error(`${file} has ${occurrences} places to edit, not one: ${find}`);
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
};
