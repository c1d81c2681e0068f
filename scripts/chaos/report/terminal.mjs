/** A run as a person reads it in a terminal: what happened, what broke, what recovered, and the verdict last. */
import { renderTable } from '../../terminal/table.mjs';

const MARKS = { green: '✓', broken: '✗', invalid: '?' };

export const renderRun = (facts) =>
  [renderFaults(facts), renderWeights(facts), renderRequests(facts), renderBroken(facts), renderVerdict(facts)]
    .filter((part) => part !== '')
    .join('\n\n');

const seconds = (ms) => (ms === null ? '' : `${(ms / 1_000).toFixed(1)} s`);

const renderFaults = ({ faults }) =>
  renderTable(
    faults.map(({ fault, lane, planned, done, felt, recoveryMs }) => ({
      fault,
      lane,
      planned,
      done,
      felt,
      'recovery, median': seconds(recoveryMs?.median ?? null),
      longest: seconds(recoveryMs?.max ?? null),
    })),
    '  ',
  );

const renderWeights = ({ weights }) =>
  renderTable(
    weights
      .filter(({ what }) => !what.startsWith('fault '))
      .map(({ what, count, minimum, isMet }) => ({ happened: what, count, needed: minimum, '': isMet ? '✓' : '✗' })),
    '  ',
  );

const renderRequests = ({ requests }) => {
  const { latencyMs: latency } = requests;
  return (
    `  ${requests.requests} requests: ${requests.ok} ok, ${requests.refused} refused, ${requests.unknown} unknown; ` +
    `p50 ${latency.p50} ms, p95 ${latency.p95} ms, p99 ${latency.p99} ms\n` +
    `  POST /orders: ${requests.orderRequests} sent by customers, ${requests.attemptsAtServers} answered by servers`
  );
};

const renderBroken = ({ judgements }) =>
  judgements
    .flatMap(({ invariants }, index) =>
      invariants
        .filter(({ verdict }) => verdict === 'broken')
        .map(
          ({ name, promise, rows }) =>
            `✗ ${name} (${index === 0 ? 'first' : 'second'} judgement, ${rows.length} rows): ${promise}\n\n${renderTable(rows.slice(0, ROWS_MAX), '  ')}`,
        ),
    )
    .join('\n\n');

/** report.json has them all. */
const ROWS_MAX = 10;

const renderVerdict = ({ verdict, broken, differences, invalid, judgements, command }) => {
  const [{ counts }] = judgements;
  const orders = counts ? `${counts.orders} orders, ${counts.captures} captures, ${counts.refunds} refunds; ` : '';
  const why = {
    green: `${orders}no double charge, no orphan charge, nothing lost, nothing stuck`,
    broken: `broken: ${[...broken, ...differences].join(', ')}`,
    invalid: `invalid:\n    ${invalid.join('\n    ')}`,
  }[verdict];
  return `${MARKS[verdict]} ${why}\n  again: ${command}`;
};
