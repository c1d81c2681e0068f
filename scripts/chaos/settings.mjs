/** What `npm run chaos` is told by its arguments. */
import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LaunchError } from '../lib/errors.mjs';
import { repository } from '../lib/paths.mjs';

export const USAGE = `npm run chaos -- [options]

  --seed 7           what breaks when, and what customers want; a random one, which is printed, when unset
  --duration 120s    how long load and faults last; 90, 90s, 20m
  --rate 9           new customers per second
  --faults all       "none", names (kill,postgres-stop) or lanes (process, postgres, broker, broker-state, links, wire, provider-answers,
                     provider-habits, webhooks, mail), with commas
  --often 1          each fault so many times as often as it would strike by itself
  --workload average average, stress or soak
  --within 180s      T_max: how long after the healing everything may take to come to rest
  --compose          a system of its own in containers of Docker Compose
  --target           the system that npm start runs (ONCE_HOME), instead of one of its own
  --out DIR          where report.html, report.json and the logs go; .once/chaos/<time>-seed-<seed> when unset
  --replace SERVICE=FILE  another entry point of a service, as the controls do

Exit code 0: green. 1: an invariant is broken. 2: invalid, too little happened or it could not be judged.`;

const WORKLOADS = ['average', 'stress', 'soak'];
const STANDARD = {
  average: { rate: 9, duration: '120s' },
  stress: { rate: 60, duration: '120s' },
  soak: { rate: 8, duration: '20m' },
};
const SEED_MAX = 1_000_000;

export const readChaosSettings = (args = process.argv.slice(2)) => {
  const values = parse(args);
  const workload = oneOf(WORKLOADS, values.workload, '--workload');
  const seed = wholeNumber(values.seed ?? String(randomInt(1, SEED_MAX)), '--seed');
  const durationS = secondsOf(values.duration ?? STANDARD[workload].duration, '--duration');
  return {
    help: values.help,
    seed,
    durationS,
    withinS: secondsOf(values.within, '--within'),
    rate: positive(values.rate ?? String(STANDARD[workload].rate), '--rate'),
    faults: values.faults.split(',').filter((word) => word !== '' && word !== 'none'),
    often: positive(values.often, '--often'),
    workload,
    where: whereOf(values),
    directory: resolve(values.out ?? join(repository, '.once/chaos', `${stamp(new Date())}-seed-${seed}`)),
    entries: Object.fromEntries(values.replace.map(readReplacement)),
    command: `npm run chaos -- ${commandOf(values, { seed, durationS, workload })}`,
  };
};

const parse = (args) => {
  try {
    return parseArgs({
      args,
      options: {
        seed: { type: 'string' },
        duration: { type: 'string' },
        rate: { type: 'string' },
        faults: { type: 'string', default: 'all' },
        often: { type: 'string', default: '1' },
        workload: { type: 'string', default: 'average' },
        within: { type: 'string', default: '180s' },
        compose: { type: 'boolean', default: false },
        target: { type: 'boolean', default: false },
        out: { type: 'string' },
        replace: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw misused(error.message);
  }
};

const whereOf = ({ target, compose, replace }) => {
  if (target && compose) throw misused('--target and --compose are two different systems.');
  if ((target || compose) && replace.length > 0) throw misused('--replace needs a system of processes of its own.');
  if (compose) return 'containers';
  return target ? 'running' : 'own';
};

/** What makes the same run again. */
const commandOf = (values, { seed, durationS, workload }) =>
  [
    `--seed ${seed}`,
    `--duration ${durationS}s`,
    `--workload ${workload}`,
    values.rate && `--rate ${values.rate}`,
    values.faults !== 'all' && `--faults ${values.faults}`,
    values.often !== '1' && `--often ${values.often}`,
    values.within !== '180s' && `--within ${values.within}`,
    values.compose && '--compose',
    values.target && '--target',
    ...values.replace.map((replacement) => `--replace ${replacement}`),
  ]
    .filter(Boolean)
    .join(' ');

const readReplacement = (text) => {
  const [, service, file] = /^(order|payment|notification)=(.+)$/.exec(text) ?? [];
  if (service === undefined)
    throw misused(`--replace is "${text}", but must be a service and a file, as in order=main.mjs.`);
  return [service, resolve(file)];
};

const secondsOf = (text, option) => {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(s|m)?$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === 'm' ? 60 : 1);
  if (Number.isFinite(seconds) && seconds >= 5) return seconds;
  throw misused(`${option} is "${text}", but must be five seconds or more, as in 90s or 20m.`);
};

const wholeNumber = (text, option) => {
  if (/^\d+$/.test(text)) return Number(text);
  throw misused(`${option} is "${text}", but must be a whole number.`);
};

const positive = (text, option) => {
  if (Number(text) > 0) return Number(text);
  throw misused(`${option} is "${text}", but must be a number above zero.`);
};

const oneOf = (known, word, option) => {
  if (known.includes(word)) return word;
  throw misused(`${option} is "${word}", but must be one of ${known.join(', ')}.`);
};

export const misused = (why) => new LaunchError(`${why}\n\n${USAGE}`);

const stamp = (date) => date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
