/** `npm run once -- …`: the operator's command line over the operator's routes. What it knows is in operator/usage.mjs. */
import { parseArgs } from 'node:util';
import { describeFailure } from './lib/errors.mjs';
import { deadLetters } from './operator/dead-letters.mjs';
import { OperatorApi } from './operator/operator-api.mjs';
import { order } from './operator/order.mjs';
import { reconcile } from './operator/reconcile.mjs';
import { sagas } from './operator/sagas.mjs';
import { stock } from './operator/stock.mjs';
import { USAGE, misused } from './operator/usage.mjs';

const COMMANDS = { sagas, order, stock, reconcile, 'dead-letters': deadLetters };

const run = async () => {
  const { options, command, rest } = readArguments();
  if (options.help || command === undefined) return { data: USAGE, text: USAGE };
  const perform = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (perform === undefined) throw misused(`once does not know "${command}".`);
  const answer = await perform(new OperatorApi(), rest, options);
  return options.json ? { ...answer, text: JSON.stringify(answer.data, undefined, 2) } : answer;
};

const readArguments = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        note: { type: 'string' },
        hours: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const [command, ...rest] = positionals;
    // `npm run once sagas --json`, without the second pair of dashes, reaches us as a setting of npm's.
    const json = values.json || process.env.npm_config_json === 'true';
    return { options: { ...values, json }, command, rest };
  } catch (error) {
    throw misused(error.message);
  }
};

try {
  const { text } = await run();
  console.log(text);
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
