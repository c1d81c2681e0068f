/**
 * Who a customer is and what they want, as a function of the run's seed, the scenario and the number of the iteration: the
 * same seed tells the same stories, whichever virtual user gets to tell them.
 */
import execution from 'k6/execution';
import type { OrderRequest } from './order-api.ts';

const seed = __ENV['SEED'] ?? '1';
const run = __ENV['RUN_ID'] ?? 'run';
const urls = (__ENV['ORDER_URLS'] ?? 'http://127.0.0.1:3000').split(',');

export interface Account {
  readonly name: string;
  readonly apiKey: string;
}

const ACCOUNTS: readonly [Account, ...Account[]] = [
  { name: 'demo', apiKey: 'sk_demo' },
  { name: 'acme', apiKey: 'sk_acme' },
];
const ARTICLES: readonly [string, ...string[]] = ['mug', 'tee', 'print'];

export interface Story {
  readonly name: string;
  readonly key: string;
  readonly account: Account;
  /** The replicas of the order service, the one that this customer asks first in front. */
  readonly urls: readonly string[];
  /** A number from 0 up to 1 that depends on nothing but the story and the question. */
  chance(question: string): number;
}

export function thisStory(): Story {
  const { name, iterationInTest } = execution.scenario;
  return tell(`${name}-${iterationInTest}`);
}

/** One of several customers of the same iteration. */
export const storyOf = ({ name }: Story, number: number): Story => tell(`${name}-${number}`);

function tell(name: string): Story {
  const chance = (question: string): number => fractionOf(`${seed} ${name} ${question}`);
  const first = Math.floor(chance('replica') * urls.length);
  return {
    name,
    key: `${run}-${name}`,
    account: pick(ACCOUNTS, chance('account')),
    urls: [...urls.slice(first), ...urls.slice(0, first)],
    chance,
  };
}

export function wishOf(story: Story, { method = 'pm_card_visa', sku = '' } = {}): OrderRequest {
  return {
    customer: { email: `${story.key}@example.com` },
    items: [
      { sku: sku || pick(ARTICLES, story.chance('article')), quantity: 1 + Math.floor(story.chance('units') * 3) },
    ],
    payment: { method },
  };
}

function pick<Value>(values: readonly [Value, ...Value[]], chance: number): Value {
  return values[Math.floor(chance * values.length)] ?? values[0];
}

/** FNV-1a with a final mix (that of MurmurHash3): neighbours in the text are strangers in the number. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
