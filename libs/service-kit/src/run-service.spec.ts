import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runService, type ProcessHost, type RunningService } from './run-service.js';

/** Stands in for `process`: signals are sent by the test, and an exit is only noted. */
function fakeProcess(env: Record<string, string> = {}) {
  const listeners = new Map<string, (error: unknown) => void>();
  const exits: number[] = [];
  const stderr: string[] = [];
  const host: ProcessHost = {
    env: { LOG_LEVEL: 'silent', ...env },
    stderr: { write: (text) => stderr.push(text) },
    exit: (code) => exits.push(code),
    on: (event, listener) => listeners.set(event, listener),
  };
  return { host, exits, stderr, emit: (event: string, error?: unknown) => listeners.get(event)?.(error) };
}

const running = (stop: () => Promise<void>): RunningService => ({ url: 'http://127.0.0.1:21300', stop });

describe('runService', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    Logger.overrideLogger(['error', 'warn', 'log']);
  });

  it('starts with its settings, in its own standards, under its own name', async () => {
    const { host, exits } = fakeProcess({ REPLICA: '1' });
    let started: unknown;
    await runService(
      {
        name: 'payment',
        settings: ['BATCH_MAX'],
        standards: { PORT: '3001' },
        start: async ({ settings, processName }) => {
          started = { ...settings, processName };
          return running(async () => {});
        },
      },
      host,
    );
    expect(started).toEqual({
      nodeEnv: 'development',
      logLevel: 'silent',
      otelExporterOtlpEndpoint: '',
      host: '127.0.0.1',
      port: 3001,
      replica: 1,
      batchMax: 50,
      processName: 'payment-1',
    });
    expect(exits).toEqual([]);
  });

  it('exits with 1 and all sentences when the settings are refused', async () => {
    const { host, exits, stderr } = fakeProcess({ PORT: 'x', BATCH_MAX: '0' });
    const start = vi.fn<() => Promise<RunningService>>();
    await runService({ name: 'order', settings: ['BATCH_MAX'], start }, host);
    expect(exits).toEqual([1]);
    expect(start).not.toHaveBeenCalled();
    expect(stderr.join('')).toBe(
      'order: The settings cannot be used:\n  - PORT must be a whole number\n  - BATCH_MAX must be between 1 and 1000\n',
    );
  });

  it('exits with 1 when the start fails', async () => {
    const { host, exits } = fakeProcess();
    await runService({ name: 'order', settings: [], start: () => Promise.reject(new Error('port taken')) }, host);
    expect(exits).toEqual([1]);
  });

  it.each(['SIGTERM', 'SIGINT'])('ends gracefully with 0 on %s', async (signal) => {
    const { host, exits, emit } = fakeProcess();
    const stop = vi.fn<() => Promise<void>>(async () => {});
    await runService({ name: 'order', settings: [], start: async () => running(stop) }, host);
    emit(signal);
    await vi.advanceTimersByTimeAsync(0);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(exits).toEqual([0]);
  });

  it('stops once when both signals come', async () => {
    const { host, exits, emit } = fakeProcess();
    const stop = vi.fn<() => Promise<void>>(async () => {});
    await runService({ name: 'order', settings: [], start: async () => running(stop) }, host);
    emit('SIGINT');
    emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(0);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(exits).toEqual([0]);
  });

  it('ends with 1 when the end takes longer than it may, or fails', async () => {
    const stops = [() => new Promise<void>(() => {}), () => Promise.reject(new Error('pool is gone'))];
    for (const stop of stops) {
      const { host, exits, emit } = fakeProcess();
      await runService({ name: 'order', settings: [], start: async () => running(stop) }, host);
      emit('SIGTERM');
      await vi.advanceTimersByTimeAsync(8_000);
      expect(exits).toEqual([1]);
    }
  });

  it.each(['unhandledRejection', 'uncaughtException'])('ends with 1 after an %s', async (event) => {
    const { host, exits, emit } = fakeProcess();
    await runService({ name: 'order', settings: [], start: async () => running(async () => {}) }, host);
    emit(event, new Error('nobody waited for this'));
    expect(exits).toEqual([1]);
  });
});
