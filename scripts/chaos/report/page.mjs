/** A run as one page that needs nothing beside itself, for somebody who was not there. */
import { bars, dotRows, escape, faultLanes, linesOverSeconds, stackedSeconds } from './charts.mjs';
import { STYLE } from './page-style.mjs';

/** Distinguishable for colour-blind readers too (Okabe and Ito). */
const OUTCOMES = [
  { key: 'ok', color: '#0072b2', name: 'ok' },
  { key: 'refused', color: '#999999', name: 'refused' },
  { key: 'unknown', color: '#e69f00', name: 'unknown' },
];
const LANES = {
  process: '#d55e00',
  postgres: '#0072b2',
  broker: '#cc79a7',
  'broker-state': '#a2567f',
  links: '#56b4e9',
  wire: '#3a8fc0',
  'provider-answers': '#009e73',
  'provider-habits': '#44aa77',
  webhooks: '#8f8a00',
  mail: '#777777',
};

const VERDICTS = {
  green: 'Green: the promise held',
  broken: 'Broken: the promise did not hold',
  invalid: 'Invalid: this run proves nothing',
};

/** Calls of one order in one bar each up to here; rarer ones share the last. */
const CALLS_MAX = 12;

export const renderPage = (facts) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chaos run, seed ${facts.seed}: ${facts.verdict}</title><style>${STYLE}</style></head><body><main>
${head(facts)}
${tiles(facts)}
${overTime(facts)}
${recovery(facts)}
${orders(facts)}
${invariants(facts)}
${weights(facts)}
${strikes(facts)}
</main></body></html>
`;

const head = ({
  verdict,
  broken,
  differences,
  invalid,
  seed,
  durationS,
  rate,
  workload,
  startedAt,
  commit,
  machine,
  command,
}) => `
<header class="${verdict}"><h1>${VERDICTS[verdict]}</h1>
<p>Customers placed orders for ${durationS} s while processes, databases, the broker, the network and the payment provider failed as
seed ${seed} says. Then everything was healed, came to rest, and was judged at the provider's own ledger; restarted, and judged again.</p>
${list([...broken.map((name) => `broken invariant: ${name}`), ...differences, ...invalid])}
<dl><dt>when</dt><dd>${startedAt.slice(0, 16).replace('T', ' ')} UTC</dd><dt>workload</dt><dd>${workload}, ${rate} customers per second</dd>
<dt>commit</dt><dd>${escape(commit)}</dd><dt>machine</dt><dd>${escape(machine)}</dd><dt>again</dt><dd><code>${escape(command)}</code></dd></dl></header>`;

const list = (lines) =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;

const tiles = ({ judgements: [{ counts }], requests, strikes }) => {
  const struck = strikes.filter(({ struckMs }) => struckMs !== undefined).length;
  const shown = [
    ['orders', counts?.orders ?? '–'],
    ['confirmed', counts?.confirmed ?? '–'],
    ['cancelled', counts?.cancelled ?? '–'],
    ['captures', counts?.captures ?? '–'],
    ['refunds', counts?.refunds ?? '–'],
    ['requests', requests.requests],
    ['answers lost or unknown', requests.unknown],
    ['replays', requests.replays],
    ['strikes', struck],
  ];
  return `<section class="tiles">${shown.map(([name, value]) => `<div><b>${value}</b><span>${name}</span></div>`).join('')}</section>`;
};

const legend = (entries) =>
  `<p class="legend">${entries.map(([name, color]) => `<span><i style="background:${color}"></i>${name}</span>`).join('')}</p>`;

const overTime = ({ seconds, strikes, healedAtS }) => {
  const time = { endS: Math.max(1, seconds.length, Math.ceil(healedAtS)), healedAtS };
  const blue = '#0072b2';
  const orange = '#d55e00';
  return `<section><h2>What customers saw, second by second</h2>
${legend(OUTCOMES.map(({ name, color }) => [name, color]))}
${stackedSeconds(seconds, OUTCOMES, { ...time, title: 'answers per second', marks: marksOf(strikes) })}
<h3>Time to a definite answer</h3>${legend([
    ['median', blue],
    ['95th percentile', orange],
  ])}
${linesOverSeconds(
  seconds,
  [
    { key: 'p95', color: orange },
    { key: 'p50', color: blue },
  ],
  { ...time, unit: ' ms', title: 'time to a definite answer' },
)}
<h3>Captures booked by the provider</h3>
${stackedSeconds(seconds, [{ key: 'captures', color: '#009e73', name: 'captures' }], { ...time, title: 'captures per second' })}
<h3>What was broken meanwhile</h3><p>A bar lasts as long as the fault, the pale tail until the system had recovered from it. The dashed line is the healing; thin lines in
the first plot are the faults that take a part of the system away.</p>
${faultLanes(strikes, LANES, { ...time, title: 'faults over time' })}</section>`;
};

/** What takes a part of the system away; faults of the world outside are too many to mark, and have their lanes below. */
const MARKED = new Set(['process', 'postgres', 'broker', 'links']);

const marksOf = (struck) =>
  struck
    .filter(({ lane, struckMs }) => MARKED.has(lane) && struckMs !== undefined)
    .map(({ lane, fault, target, struckMs }) => ({
      second: struckMs / 1_000,
      color: LANES[lane],
      told: `${fault} of ${target}`,
    }));

const recovery = ({ strikes, faults }) => {
  const rows = faults
    .filter(({ recoveryMs }) => recoveryMs !== null)
    .map(({ fault, lane, recoveryMs }) => ({
      name: fault,
      color: LANES[lane],
      median: recoveryMs.median / 1_000,
      values: strikes
        .filter((strike) => strike.fault === fault && strike.recoveredMs !== undefined)
        .map(({ recoveredMs, struckMs }) => (recoveredMs - struckMs) / 1_000),
    }));
  if (rows.length === 0) return '';
  return `<section><h2>How long recovery took</h2><p>From the strike until what was struck served again: a replica answers that it is ready, a
queue has all its consumers. A dot per strike, a bar at the median.</p>${dotRows(rows, { unit: ' s', title: 'recovery time per fault' })}</section>`;
};

const orders = ({ judgements: [{ counts }], callsPerOrder }) => {
  const outcomes = ['confirmed', 'cancelled', 'parked', 'pending'].map((name) => ({
    name,
    value: counts?.[name] ?? 0,
    color: { confirmed: '#009e73', cancelled: '#999999', parked: '#e69f00', pending: '#d55e00' }[name],
  }));
  const calls = Array.from({ length: CALLS_MAX }, (_, index) => ({
    name: `${index + 1} calls`,
    value: callsPerOrder[index + 1] ?? 0,
    color: '#0072b2',
  }));
  const more = Object.entries(callsPerOrder).filter(([number]) => Number(number) > CALLS_MAX);
  calls.push({ name: 'more', value: more.reduce((sum, [, value]) => sum + value, 0), color: '#0072b2' });
  return `<section><h2>How the orders ended</h2>${bars(outcomes, { title: 'orders by status' })}
<h3>Calls to the provider per order</h3><p>An undisturbed order needs three: create, confirm, capture. The rest are repeats, look-ups and ways back.</p>
${bars(calls, { title: 'provider calls per order' })}</section>`;
};

const invariants = ({ judgements: [first, second] }) => {
  const names = first.invariants.length > 0 ? first.invariants : second.invariants;
  const cell = (judgement, name) => {
    const found = judgement.invariants.find((invariant) => invariant.name === name);
    if (!found) return '<td>–</td>';
    return found.verdict === 'broken'
      ? `<td class="bad">✗ ${found.rows.length} rows</td>`
      : `<td>${found.verdict === 'holds' ? '✓' : '–'}</td>`;
  };
  const rows = names.map(
    ({ name, promise }) =>
      `<tr><td><code>${name}</code></td><td>${escape(promise)}</td>${cell(first, name)}${cell(second, name)}</tr>`,
  );
  return `<section><h2>Invariants</h2><table><tr><th>name</th><th>promise</th><th>at rest</th><th>after restart</th></tr>${rows.join('')}</table>
${[first, second].map((judgement) => brokenRows(judgement)).join('')}</section>`;
};

/** The first rows show what is wrong; report.json has them all. */
const ROWS_MAX = 10;

const brokenRows = ({ invariants: judged }) =>
  judged
    .filter(({ verdict }) => verdict === 'broken')
    .map(
      ({ name, rows }) =>
        `<h3 class="bad">${name}</h3><pre>${escape(
          rows
            .slice(0, ROWS_MAX)
            .map((row) => JSON.stringify(row))
            .join('\n'),
        )}</pre>`,
    )
    .join('');

const weights = ({ weights: weighed }) => {
  const rows = weighed.map(
    ({ what, minimum, count, isMet }) =>
      `<tr><td>${escape(what)}</td><td class="n">${count}</td><td class="n">${minimum}</td><td class="${isMet ? '' : 'bad'}">${isMet ? '✓' : '✗ too little'}</td></tr>`,
  );
  return `<section><h2>Did enough happen?</h2><p>A run in which nothing happens breaks no promise either. Below one of these the run is invalid.</p>
<table><tr><th>what</th><th>count</th><th>needed</th><th></th></tr>${rows.join('')}</table></section>`;
};

const strikes = ({ strikes: struck }) => {
  const s = (ms) => (ms === undefined ? '' : (ms / 1_000).toFixed(1));
  const rows = [...struck]
    .sort((a, b) => a.number - b.number)
    .map(
      ({ number, fault, target, atMs, struckMs, healedMs, recoveredMs, error = '' }) =>
        `<tr><td class="n">${number}</td><td>${fault}</td><td>${escape(target)}</td><td class="n">${s(atMs)}</td><td class="n">${s(struckMs)}</td><td class="n">${s(healedMs)}</td><td class="n">${s(recoveredMs)}</td><td>${escape(struckMs === undefined ? `missed: ${error}` : error)}</td></tr>`,
    );
  return `<section><details><summary>Every strike, in seconds since the start</summary><table>
<tr><th>no.</th><th>fault</th><th>target</th><th>planned</th><th>struck</th><th>undone</th><th>recovered</th><th></th></tr>${rows.join('')}</table></details></section>`;
};
