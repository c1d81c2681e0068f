/** What a system has spent so far: CPU by process, statements, commits, WAL, broker messages. Two readings make a bill. */
import { readdirSync, readFileSync } from 'node:fs';
import { asking } from './database.mjs';

/** Kernel ticks per second as /proc counts them; Linux has kept it at 100 for user space since 2.6. */
const TICK_MS = 1_000 / 100;

/** @param {{ pids: Record<string, number>, databaseServer: string, metricsUrls: string[] }} system */
export const readCosts = async (system) => {
  const cpu = cpuByProcess(system.pids);
  const rows = await asking(system.databaseServer, (ask) => ask(STATISTICS));
  const messages = await publishedMessages(system.metricsUrls);
  return { cpu, ...rows[0], messages };
};

/** The statements of this reading itself run in the database `postgres`, which is left out. */
const STATISTICS = `
  select (select sum(calls) from pg_stat_statements s join pg_database d on d.oid = s.dbid
           where d.datname <> 'postgres')::float8 as statements,
         (select sum(xact_commit) from pg_stat_database where datname <> 'postgres')::float8 as commits,
         pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes"`;

/** Per order, between two readings. */
export const billOf = (start, end, orders) => {
  const per = (name) => (end[name] - start[name]) / orders;
  const cpuMs = Object.fromEntries(
    Object.keys(end.cpu).map((name) => [name, (end.cpu[name] - start.cpu[name]) / orders]),
  );
  return {
    cpuMs,
    cpuMsInAll: Object.values(cpuMs).reduce((sum, part) => sum + part, 0),
    statements: per('statements'),
    commits: per('commits'),
    walBytes: per('walBytes'),
    messages: per('messages'),
  };
};

export const cpuByProcess = (pids) => {
  const processes = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat !== null) processes.set(Number(name), stat);
  }
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuOfTree(pid, processes)]));
};

const statOf = (pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0); // own and reaped children's
    return { parent: Number(fields[1]), ms: ticks * TICK_MS };
  } catch {
    return null; // it has ended since it was listed
  }
};

const cpuOfTree = (pid, processes) => {
  let ms = processes.get(pid)?.ms ?? 0;
  for (const [child, { parent }] of processes) if (parent === pid) ms += cpuOfTree(child, processes);
  return ms;
};

/** Envelopes handed to the broker, as the services count them. */
const publishedMessages = async (urls) => {
  const counts = await Promise.all(
    urls.map(async (url) => {
      const text = await (await fetch(url)).text();
      return [...text.matchAll(/^once_messaging_sent_envelope_size_count(?:\{[^}]*\})? (\S+)$/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};
