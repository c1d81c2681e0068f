/** The audit's findings as a person reads them: what holds on one line each, what is broken with its rows and its story. */
import { renderTable } from '../terminal/table.mjs';
import { renderTimeline } from '../terminal/timeline.mjs';

/** The first rows show what is wrong; `--json` has them all. */
const ROWS_MAX = 20;

const MARKS = { holds: '✓', broken: '✗', 'not judged': '–' };

export const renderFindings = (findings) =>
  [
    renderCounts(findings.counts),
    findings.invariants.map((invariant) => renderInvariant(invariant)).join('\n'),
    ...findings.invariants
      .filter(({ verdict }) => verdict === 'broken')
      .map((invariant) => renderBroken(invariant, findings.timelines)),
    renderParked(findings.parked),
    renderVerdict(findings),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const renderCounts = (counts) =>
  `${countOf(counts.orders, 'order')} (${counts.confirmed} confirmed, ${counts.cancelled} cancelled, ${counts.pending} pending, ` +
  `${counts.parked} parked), ${countOf(counts.captures, 'capture')}, ${countOf(counts.refunds, 'refund')}, ` +
  `${countOf(counts.providerCalls, 'call')} to the provider, ${countOf(counts.mails, 'mail')}` +
  (counts.mailCopies > 0 ? ` (${counts.mailCopies} of them copies under the same Message-ID)` : '');

const renderInvariant = ({ name, promise, verdict, why, rows }) => {
  const result = { holds: shorten(promise), broken: countOf(rows.length, 'row'), 'not judged': why }[verdict];
  return `${MARKS[verdict]} ${name.padEnd(38)} ${result}`;
};

/** The first clause says it; a broken invariant is told with its whole promise. */
const shorten = (promise) => promise.split(/[.:;]/, 1)[0];

const renderBroken = ({ name, promise, rows }, timelines) => {
  const more = rows.length > ROWS_MAX ? `\n  … and ${rows.length - ROWS_MAX} more` : '';
  const stories = [...new Set(rows.map((row) => row.order_id))]
    .filter((orderId) => timelines[orderId] !== undefined)
    .map((orderId) => `\n  order ${orderId}\n${renderStory(timelines[orderId])}`);
  return `✗ ${name}: ${promise}\n\n${renderTable(rows.slice(0, ROWS_MAX), '  ')}${more}${stories.join('\n')}`;
};

const renderStory = (lines) => (lines.length === 0 ? '    has no timeline' : renderTimeline(lines, '    '));

const renderParked = (parked) =>
  parked.length === 0 ? '' : `parked, with what the provider holds for the order:\n\n${renderTable(parked, '  ')}`;

const renderVerdict = ({ verdict, rest, invariants }) => {
  const broken = invariants.filter((invariant) => invariant.verdict === 'broken');
  const judged = invariants.filter((invariant) => invariant.verdict !== 'not judged');
  const remark = rest === 'stuck' ? ' (the system did not finish its work in the time given)' : '';
  return verdict === 'green'
    ? `✓ green: ${countOf(judged.length, 'invariant')} hold`
    : `✗ broken: ${broken.map(({ name }) => name).join(', ')}${remark}`;
};

const countOf = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
