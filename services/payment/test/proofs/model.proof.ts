import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const model = fileURLToPath(new URL('../../../../docs/model/payment.pml', import.meta.url));
const run = promisify(execFile);

interface Rule {
  readonly rule: string;
  /** Text of the model that occurs once. */
  readonly find: string;
  readonly replace: string;
}

/** Each takes one rule of the protocol out, as somebody might who finds it superfluous. */
const RULES: readonly Rule[] = [
  {
    rule: 'creating moves no money: the one-call variant, which creates and confirms',
    find: 'name = created; intent[name] = unconfirmed; created++',
    replace: 'name = created; intent[name] = authorised; created++',
  },
  {
    rule: 'the first intent recorded stays',
    find: ':: recorded == INTENTS -> recorded = name',
    replace: ':: seen != none -> recorded = name; known = none',
  },
  {
    rule: 'a return lets go of an intent although nothing is known to be reserved',
    find: 'recorded != INTENTS && (known == unconfirmed || known == authorised) -> call = cancel',
    replace: 'recorded != INTENTS && known == authorised -> call = cancel',
  },
  {
    rule: 'the state of an object refuses a second capture',
    find: ':: call == capture && intent[name] == authorised ->',
    replace: ':: call == capture && (intent[name] == authorised || intent[name] == taken) ->',
  },
  {
    rule: 'the state of an object refuses to confirm what was let go',
    find: ':: call == confirm && intent[name] == unconfirmed ->',
    replace: ':: call == confirm && (intent[name] == unconfirmed || intent[name] == gone) ->',
  },
  {
    rule: 'what was taken after the goal moved to return is refunded',
    find: ':: returning && recorded != INTENTS && known == taken -> call = refund',
    replace: ':: false -> call = refund',
  },
];

beforeAll(async () => {
  if (!(await areInstalled())) await install();
});

describe('the model of the payment protocol', () => {
  it('has no double charge and no orphan in any order of its steps', async () => {
    expect(await violationsOf(await readFile(model, 'utf8'))).toEqual({ errors: 0 });
  });

  it.each(RULES)('finds what happens without: $rule', async ({ find, replace }) => {
    const source = await readFile(model, 'utf8');
    expect(source.split(find)).toHaveLength(2);
    expect(
      await violationsOf(
        source.replace(find, () => replace),
        2,
      ),
    ).toEqual({ errors: 1 });
  });
});

/** Searches every reachable state; ends at the first violation. */
async function violationsOf(source: string, passes = 3): Promise<{ errors: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'once-model-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'payment.pml'), source);
  const inside = { cwd: directory, maxBuffer: 16 * 1024 * 1024 };
  await run('spin', [`-DPASSES=${passes}`, '-a', 'payment.pml'], inside);
  await run('gcc', ['-O2', '-DSAFETY', '-o', 'pan', 'pan.c'], inside);
  const { stdout } = await run(join(directory, 'pan'), ['-m100000'], inside);
  const errors = /errors: (\d+)/.exec(stdout)?.[1];
  // A search that was cut off has proven nothing.
  expect(stdout).not.toContain('max search depth too small');
  return { errors: Number(errors) };
}

async function areInstalled(): Promise<boolean> {
  try {
    await run('spin', ['-V']);
    await run('gcc', ['--version']);
    return true;
  } catch {
    return false;
  }
}

async function install(): Promise<void> {
  const command = 'apt-get install -y --no-install-recommends spin gcc libc6-dev';
  try {
    if (process.getuid?.() !== 0) throw new Error('only root may install packages');
    await run('apt-get', ['update', '-qq']);
    await run('sh', ['-c', command], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  } catch (error) {
    throw new Error(`The model checker Spin and a C compiler are needed: sudo ${command}`, { cause: error });
  }
}
