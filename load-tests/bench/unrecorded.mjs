/**
 * A service without outbox and idempotency records, to see what they cost. Messages leave from memory, or are lost with it, and
 * every repeat is new: it exists for the length of a measurement, as an edit of the built modules while they are loaded.
 */
import { startWithout } from '../controls/start-without.mjs';

const NOTHING = `return 'select where false';`;

/** The function of the module that `find` begins does this and no more. */
const instead = (file, find, body) => ({ file, find, replace: `${find}\n    ${body}` });

const records = 'libs/idempotency/dist/postgres/record-fragments.js';

await startWithout({
  service: process.env.BENCH_SERVICE,
  edits: [
    instead('libs/messaging/dist/postgres/insert-outbox.js', 'export function insertOutbox(source) {', NOTHING),
    instead('libs/messaging/dist/outbox-marker.js', 'mark(ids) {', 'return;'),
    instead(
      'libs/idempotency/dist/postgres/postgres-lease-store.js',
      'async renew(leases, leaseMs) {',
      'return leases;',
    ),
    instead(records, 'export function freeMembers(source) {', 'return `select m.* from ${source} m`;'),
    instead(records, 'export function insertRecords(source) {', NOTHING),
    instead(records, 'export function completeRecords(source) {', NOTHING),
    instead(records, 'export function recordOf(scope, key) {', `return '(null::jsonb)';`),
  ],
});
