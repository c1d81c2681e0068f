/**
 * Links are cut, held half open and slowed; commits and answers are lost on the wire. Where a target has proxies in its links;
 * a container is disconnected from its network instead.
 */

const CUT_MS = 2_500;
/** Longer than a statement or a provider call may take: one side gives up, and the other does not know. */
const HELD_MS = 4_500;
const SLOWED_MS = 4_000;
const SLOW = { delayMs: 150 };
/** On a system that is at work, the event that is waited for comes within moments. */
const EVENT_WITHIN_MS = 5_000;

const OF_SERVICES = /^(order|payment|notification)-/;
const OF_DATABASE = / → database$/;
const OF_CUSTOMERS = /^customers → /;

export const linkFaults = (target) => {
  const { links } = target;
  if (links === undefined) return target.disconnect === undefined ? [] : [disconnection(target)];
  const isOver = async (name) => {
    const [label] = /\w+-\d/.exec(name);
    return target.isReady(label);
  };
  return [...wholeLinks(links), ...lostAnswers(links)].map((fault) => ({ ...fault, isOver }));
};

const disconnection = (target) => ({
  name: 'disconnect',
  lane: 'links',
  says: (label) => `${label} is disconnected from its network`,
  lastsMs: HELD_MS,
  perTwoMinutes: 8,
  targets: target.replicas.map(({ label }) => label),
  strike: async (label) => {
    await target.disconnect(label);
    return () => target.connect(label);
  },
  isOver: (label) => target.isReady(label),
});

const wholeLinks = (links) =>
  [
    {
      name: 'link-cut',
      says: (name) => `${name} is cut`,
      lastsMs: CUT_MS,
      perTwoMinutes: 5,
      strike: async (name) => {
        await links.proxy(name).refuse();
        links.proxy(name).cutAll();
        return () => links.proxy(name).accept();
      },
    },
    {
      name: 'link-hold',
      says: (name) => `${name} is half open: nothing passes, and nobody is told`,
      lastsMs: HELD_MS,
      perTwoMinutes: 4,
      strike: async (name) => {
        links.proxy(name).holdAll();
        return async () => links.proxy(name).releaseAll();
      },
    },
    {
      name: 'link-slow',
      says: (name) => `${name} is slow`,
      lastsMs: SLOWED_MS,
      perTwoMinutes: 4,
      strike: async (name) => {
        links.proxy(name).slow(SLOW);
        return async () => links.proxy(name).slow({});
      },
    },
  ].map((fault) => ({
    ...fault,
    lane: 'links',
    targets: [...links.namesOf(OF_SERVICES), ...links.namesOf(OF_CUSTOMERS)],
  }));

/** The server has done it and whoever asked for it does not know; or it was undone at the last moment, and nobody knows either. */
const lostAnswers = (links) =>
  [
    {
      name: 'commit-unheard',
      says: (name) => `${name}: a commit counts, and nobody hears of it`,
      targets: links.namesOf(OF_DATABASE),
      strike: (name) => loseAt(links.proxy(name), { moment: 'after', event: 'commit' }),
    },
    {
      name: 'commit-undone',
      says: (name) => `${name}: a commit is undone, and nobody hears of it`,
      targets: links.namesOf(OF_DATABASE),
      strike: (name) => loseAt(links.proxy(name), { moment: 'before', event: 'commit' }),
    },
    {
      name: 'answer-lost',
      says: (name) => `${name}: an answer is lost`,
      targets: links.namesOf(OF_CUSTOMERS),
      strike: (name) => loseAt(links.proxy(name), { moment: 'before', event: 'response' }),
    },
  ].map((fault) => ({ ...fault, lane: 'wire', lastsMs: 1_000, perTwoMinutes: 8 }));

const loseAt = async (proxy, { moment, event }) => {
  const armed = proxy.arm({ moment, event, action: { kind: 'cut' } });
  const deadline = new Promise((resolve) => setTimeout(resolve, EVENT_WITHIN_MS, 'late').unref());
  if ((await Promise.race([armed.struck, deadline])) !== 'late') return;
  armed.disarm();
  throw new Error(`no ${event} passed`);
};
