import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventually } from '@once/testing';
import { isPortFree } from '../lib/ports.mjs';
import { startOf } from '../lib/processes.mjs';

interface TestRun {
  readonly infrastructure: number;
  readonly service: number;
  readonly postgresUrl: string;
}

describe('the test infrastructure', () => {
  it('ends its servers and left-over services when the test run is killed', async () => {
    const run = spawn(process.execPath, [fileURLToPath(new URL('fixtures/test-run.mjs', import.meta.url))]);
    const [printed] = (await once(run.stdout, 'data')) as [Buffer];
    const { infrastructure, service, postgresUrl } = JSON.parse(printed.toString()) as TestRun;
    const port = Number(new URL(postgresUrl).port);
    expect(await isPortFree(port)).toBe(false);

    run.kill('SIGKILL');

    await eventually(
      async () => {
        expect(await isPortFree(port)).toBe(true);
        expect([await startOf(service), await startOf(infrastructure)]).toEqual([undefined, undefined]);
      },
      { withinMs: 20_000 },
    );
  });
});
