/** The audit of a run, as a program of its own that shares nothing with the system or with the load. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../lib/paths.mjs';

/** Units of each article in the development stock. */
const STOCK = ['mug=1000000', 'tee=1000000', 'print=1000000', 'limited=10'];

/** @returns {Promise<{ verdict: 'green' | 'broken' | 'invalid', why?: string, counts?: object, invariants?: object[] }>} */
export const judge = async (target, { requestLog, withinS, isStockKnown, log }) => {
  const args = ['--json', '--requests', requestLog, '--within', String(withinS)];
  if (isStockKnown) for (const units of STOCK) args.push('--stock', units);
  const child = spawn(process.execPath, [join(repository, 'scripts/audit.mjs'), ...args], {
    env: { ...process.env, ...target.environment },
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
    detached: true,
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  await once(child, 'close');
  const output = Buffer.concat(chunks).toString();
  return parse(output) ?? { verdict: 'invalid', why: `the audit said: ${output.slice(0, 500)}` };
};

const parse = (output) => {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
};

export const brokenIn = ({ verdict, invariants = [] }) =>
  verdict === 'broken' ? invariants.filter((invariant) => invariant.verdict === 'broken') : [];

/** What may not change when everything is restarted and every dead letter is tried again. */
const LASTING = ['orders', 'confirmed', 'cancelled', 'pending', 'parked', 'captures', 'refunds'];

/** How the second judgement differs from the first, one sentence each. */
export const compare = (first, second) => [
  ...(first.verdict === second.verdict ? [] : [`the verdict was ${first.verdict} and is ${second.verdict}`]),
  ...LASTING.filter((count) => first.counts?.[count] !== second.counts?.[count]).map(
    (count) => `${count}: ${first.counts?.[count]} before, ${second.counts?.[count]} after`,
  ),
];
