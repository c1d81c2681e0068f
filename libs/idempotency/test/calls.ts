import { vi } from 'vitest';
import type { Lease } from '../src/index.js';

/** Work that runs until the test says how it ended. */
export class Calls {
  readonly started: string[] = [];
  readonly signals = new Map<string, AbortSignal>();
  private readonly endings = new Map<string, (result: 'finished' | 'unfinished' | Error) => void>();

  readonly perform = ({ key }: Lease, signal: AbortSignal): Promise<'finished' | 'unfinished'> => {
    this.started.push(key);
    this.signals.set(key, signal);
    return new Promise((resolve, reject) => {
      this.endings.set(key, (result) => (result instanceof Error ? reject(result) : resolve(result)));
    });
  };

  async end(key: string, result: 'finished' | 'unfinished' | Error): Promise<void> {
    this.endings.get(key)?.(result);
    await vi.advanceTimersByTimeAsync(0);
  }

  isAborted(key: string): boolean | undefined {
    return this.signals.get(key)?.aborted;
  }
}
