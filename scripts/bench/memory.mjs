/** What a process and all it has started hold for themselves: shared memory of a database counts once, namely not here. */
import { readdirSync, readFileSync } from 'node:fs';

/** @returns {Record<string, number>} bytes by name */
export const memoryByProcess = (pids) => {
  const processes = new Map();
  for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) note(processes, Number(name));
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, memoryOfTree(pid, processes)]));
};

const note = (processes, pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))?.[1] ?? 0);
    processes.set(pid, { parent: field('PPid'), bytes: field('RssAnon') * 1_024 });
  } catch {
    return; // it has ended since it was listed
  }
};

const memoryOfTree = (pid, processes) => {
  let bytes = processes.get(pid)?.bytes ?? 0;
  for (const [child, { parent }] of processes) if (parent === pid) bytes += memoryOfTree(child, processes);
  return bytes;
};
