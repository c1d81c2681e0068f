/** What to measure, and for how long: everything, a quick look for CI, or some scenarios by name. */
import { parseArgs } from 'node:util';
import { LaunchError } from '../lib/errors.mjs';

/** Short phases: every figure that is judged is a ratio of two of them, a few seconds apart. */
const FULL = { rounds: 5, seconds: 4, warmUp: 25, windows: '1,64,128,256', rates: '50,100,500' };
const QUICK = { rounds: 1, seconds: 8, warmUp: 20, windows: '64', rates: '' };

/** @param {string[]} args @param {string[]} known the names of all scenarios */
export const readOptions = (args, known) => {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      goals: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      soak: text,
      scenarios: text,
      pairs: text,
      seconds: text,
      'warm-up': text,
      windows: text,
      rates: text,
    },
  });
  const usual = values.quick ? QUICK : FULL;
  const scenarios = namesOf(values.scenarios ?? (values.quick ? 'peer' : known.join(',')));
  const unknown = scenarios.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new LaunchError(`There is no scenario ${unknown}; there are ${known.join(', ')}.`);
  return {
    isQuick: values.quick,
    // A part of a run keeps the limits of the whole one.
    measuresLimits: values.scenarios === undefined && !values.quick,
    isReading: values.goals || values.page,
    writesPage: values.page,
    soakMinutes: values.soak === undefined ? null : positive(values.soak),
    scenarios,
    rounds: positive(values.pairs ?? usual.rounds),
    seconds: positive(values.seconds ?? usual.seconds),
    warmUpSeconds: positive(values['warm-up'] ?? usual.warmUp),
    windows: namesOf(values.windows ?? usual.windows).map(positive),
    rates: namesOf(values.rates ?? usual.rates).map(positive),
  };
};

const namesOf = (list) => list.split(',').filter(Boolean);

const positive = (text) => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new LaunchError(`"${text}" is not a whole number above 0.`);
};
