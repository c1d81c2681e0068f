import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventually, spawnService } from '../src/index.js';

const tiny = { name: 'tiny', entry: fileURLToPath(new URL('fixtures/tiny-service.mjs', import.meta.url)) };

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const get = async (url: string): Promise<unknown> => (await fetch(url, { signal: AbortSignal.timeout(500) })).json();

describe('spawnService', () => {
  let leftRunning = 0;

  it('starts a service that answers, and captures what it prints', async () => {
    const service = await spawnService({ ...tiny, replica: 3 });
    leftRunning = service.pid ?? 0;
    expect(await get(service.url)).toEqual({ pid: service.pid, replica: '3' });
    await eventually(() => {
      expect(service.logs()).toContain('tiny listens');
    });
  });

  it('has ended the service of the test before', () => {
    expect(leftRunning).toBeGreaterThan(0);
    expect(isAlive(leftRunning)).toBe(false);
  });

  it('says at once what a service printed that ended before it was ready', async () => {
    await expect(spawnService({ ...tiny, env: { TINY_FAILS: '1' } })).rejects.toThrow(/tiny cannot start: no database/);
  });

  it('restarts a killed service on the same port', async () => {
    const service = await spawnService(tiny);
    const before = service.pid;
    await service.kill();
    expect(service.isRunning).toBe(false);
    await service.start();
    expect(service.pid).not.toBe(before);
    expect(await get(service.url)).toMatchObject({ pid: service.pid });
  });

  it('freezes a service in place and thaws it', async () => {
    const service = await spawnService(tiny);
    service.freeze();
    await expect(get(service.url)).rejects.toThrow(/timeout/);
    service.thaw();
    expect(await get(service.url)).toMatchObject({ pid: service.pid });
    await service.stop();
  });
});
