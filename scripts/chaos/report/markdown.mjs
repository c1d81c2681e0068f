/** A run as a page of the documentation: date, commit, machine, command, and what came of it. */

export const renderMarkdown = (facts) => `# A chaos run

| | |
|---|---|
| verdict | **${facts.verdict}**${whyOf(facts)} |
| when | ${facts.startedAt.slice(0, 16).replace('T', ' ')} UTC |
| commit | \`${facts.commit}\` |
| machine | ${facts.machine} |
| command | \`${facts.command}\` |

${countsOf(facts)}

## Faults

Recovery is from the strike until what was struck served again.

${table(
  ['fault', 'lane', 'planned', 'done', 'felt', 'recovery, median', 'longest'],
  facts.faults.map(({ fault, lane, planned, done, felt, recoveryMs }) => [
    `\`${fault}\``, lane, planned, done, felt, seconds(recoveryMs?.median), seconds(recoveryMs?.max),
  ]), // prettier-ignore
)}

## Did enough happen?

${table(
  ['what', 'count', 'needed'],
  facts.weights
    .filter(({ what }) => !what.startsWith('fault '))
    .map(({ what, count, minimum, isMet }) => [what, isMet ? count : `**${count}**`, minimum]),
)}

## Judgements

${table(
  ['', 'verdict', 'invariants that hold', 'broken', 'orders', 'confirmed', 'cancelled', 'captures', 'refunds', 'mails'],
  facts.judgements.map(({ verdict, counts = {}, invariants }, index) => [
    index === 0 ? 'at rest' : 'after the restart of everything',
    verdict,
    invariants.filter((invariant) => invariant.verdict === 'holds').length,
    invariants
      .filter((invariant) => invariant.verdict === 'broken')
      .map(({ name }) => `\`${name}\``)
      .join(', '),
    ...['orders', 'confirmed', 'cancelled', 'captures', 'refunds', 'mails'].map((count) => counts[count] ?? ''),
  ]),
)}
`;

const whyOf = ({ broken, differences, invalid }) => {
  const reasons = [...broken, ...differences, ...invalid];
  return reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
};

const countsOf = ({ requests, durationS, rate, healedAtS }) => {
  const { latencyMs: latency } = requests;
  return `${rate} new customers per second for ${durationS} s; everything was healed ${Math.round(healedAtS)} s after the start. ${requests.requests} requests: ${requests.ok} ok, ${requests.refused} refused, ${requests.unknown} unknown; time to a definite answer ${latency.p50} ms (median), ${latency.p95} ms (95th percentile), ${latency.p99} ms (99th). Customers sent ${requests.orderRequests} requests for orders, servers answered ${requests.attemptsAtServers}.`;
};

const seconds = (ms) => (ms === undefined ? '' : `${(ms / 1_000).toFixed(1)} s`);

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
