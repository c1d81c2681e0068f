// The page of the outside world: looks at its records every second. Plain modules, no build step.
import { byId } from './elements.mjs';
import { openFaultForm, showFaults } from './faults.mjs';
import { readRecord, recordNames, resetRecords } from './records.mjs';
import { request } from './requests.mjs';

const POLL_MS = 1_000;

let timer;
let isLooking = false;
let isLookWanted = false;

/** One look at a time; whoever asks during one gets another right after it. */
async function look() {
  isLookWanted = true;
  if (isLooking) return;
  isLooking = true;
  clearTimeout(timer);
  while (isLookWanted) {
    isLookWanted = false;
    await lookOnce();
  }
  isLooking = false;
  timer = setTimeout(() => void look(), POLL_MS);
}

async function lookOnce() {
  try {
    const summary = await request('GET', '/sandbox/summary');
    showFaults(summary.faults, summary.strikes);
    await Promise.all(recordNames.map((name) => readRecord(name, summary[name])));
    report(`live: ${summary.ledger} ledger rows, ${summary.calls} calls, ${summary.mailbox} mails`);
  } catch (error) {
    report(`not reached: ${error.message}`, 'lost');
  }
}

function report(text, className = '') {
  const state = byId('state');
  if (state.textContent !== text) state.textContent = text;
  state.className = className;
}

byId('order').addEventListener('change', () => {
  resetRecords();
  void look();
});
resetRecords();
await openFaultForm(() => void look());
await look();
