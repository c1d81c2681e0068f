import type { Edit } from './edit.js';

/** Of time: what is forgotten when, and what comes too late. */
export const retentionEdits: readonly Edit[] = [
  {
    name: 'no retention: a key is answered for ever, or executed again',
    file: 'src/request/request-door.ts',
    find: 'record.ageMs > retentionMs',
    replace: 'record.ageMs > retentionMs * 2',
    spec: 'src/request/request-door.spec.ts',
    test: 'repeats until the retention has passed, and not a millisecond longer (draft-07 §2.3)',
  },
  {
    name: 'reaping by age: unfinished work is forgotten',
    file: 'src/postgres/postgres-record-reaper.ts',
    find: 'where keep_until < (select clock_timestamp())',
    replace: "where created_at < clock_timestamp() - interval '1 day'",
    spec: 'test/postgres-record-reaper.int.spec.ts',
    test: 'never touches unfinished work, however old it is',
  },
  {
    name: 'no skip locked: a reaper waits for another',
    file: 'src/postgres/postgres-record-reaper.ts',
    find: 'limit $1\n               for update skip locked',
    replace: 'limit $1\n               for update',
    spec: 'test/postgres-record-reaper.int.spec.ts',
    test: 'shares the work with the reapers of other replicas and waits for none',
  },
  {
    name: 'retention from the beginning: long work is forgotten as soon as it is finished',
    file: 'src/postgres/record-fragments.ts',
    find: "keep_until = clock_timestamp() + ${milliseconds('r.retention_ms')}",
    replace: "keep_until = r.created_at + ${milliseconds('r.retention_ms')}",
    spec: 'test/postgres-record-reaper.int.spec.ts',
    test: 'keeps work for its retention from the day on which it was finished',
  },
  {
    name: 'no margin: an event is counted again when its record is gone',
    file: 'src/message/too-old.ts',
    find: 'return ageMs > retentionMs * ACCEPTED_SHARE;',
    replace: 'return ageMs > retentionMs;',
    spec: 'src/message/event-door.spec.ts',
    test: 'counts no event whose first arrival may be forgotten: retention less a day of 35',
  },
  {
    name: 'no age of actions: a command that a backup brings takes money again',
    file: 'src/message/step-door.ts',
    find: 'if (!step.isCompensation && isTooOld(step.ageMs, terms.retentionMs)) {',
    replace: 'if (false) {',
    spec: 'src/message/step-door.spec.ts',
    test: 'begins no action whose first delivery may be forgotten: retention less a day of 35',
  },
  {
    name: 'an age of compensations: money is not given back because it is late',
    file: 'src/message/step-door.ts',
    find: 'if (!step.isCompensation && isTooOld(step.ageMs, terms.retentionMs)) {',
    replace: 'if (isTooOld(step.ageMs, terms.retentionMs)) {',
    spec: 'src/message/step-door.spec.ts',
    test: 'accepts a compensation at any age, and sends what is known of an action again at any age',
  },
  {
    name: 'no expiry of keys, in any history of requests',
    file: 'src/request/request-door.ts',
    find: 'record.ageMs > retentionMs',
    replace: 'record.ageMs < 0',
    spec: 'test/histories.int.spec.ts',
    test: 'executes each key once in each of its lives and says the same to everybody',
  },
];
