/** A change of one line that takes one guard away, and the test that must notice it. Paths are relative to the library. */
export interface Edit {
  readonly name: string;
  readonly file: string;
  /** Text that occurs exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly spec: string;
  /** The title of the test, without those of its groups. */
  readonly test: string;
}

export const edits: readonly Edit[] = [
  {
    name: 'no fingerprint: a used key accepts any request',
    file: 'src/encounter.ts',
    find: 'if (record.fingerprint !== fingerprint)',
    replace: 'if (false)',
    spec: 'src/encounter.spec.ts',
    test: 'refuses another fingerprint before it looks at the state, and tells the state',
  },
  {
    name: 'state before fingerprint: a finished record answers any request',
    file: 'src/encounter.ts',
    find: 'if (record.fingerprint !== fingerprint)',
    replace: 'if (record.fingerprint !== fingerprint && outcome === null)',
    spec: 'src/request/request-door.spec.ts',
    test: 'refuses another request under a used key, again and again (draft-07 §2.7)',
  },
  {
    name: 'unsorted fingerprint: the order of members counts',
    file: 'src/fingerprint.ts',
    find: '    .toSorted(([left], [right]) => (left < right ? -1 : 1))\n',
    replace: '',
    spec: 'src/fingerprint.spec.ts',
    test: 'does not depend on the order of members of any JSON',
  },
  {
    name: 'comma in keys: two header lines become one key',
    file: 'src/idempotency-key.ts',
    find: String.raw`/^[\x21\x23-\x2b\x2d-\x7e]+$/`,
    replace: String.raw`/^[\x21\x23-\x7e]+$/`,
    spec: 'src/idempotency-key.spec.ts',
    test: 'refuses any two legal keys that were joined as a list',
  },
  {
    name: 'no retention: a key is answered for ever, or executed again',
    file: 'src/request/request-door.ts',
    find: 'record.ageMs > retentionMs',
    replace: 'record.ageMs > retentionMs * 2',
    spec: 'src/request/request-door.spec.ts',
    test: 'repeats until the retention has passed, and not a millisecond longer (draft-07 §2.3)',
  },
  {
    name: 'no halving: one bad member fails its whole batch',
    file: 'src/atomic-executor.ts',
    find: 'if (parts.length > 1)',
    replace: 'if (false)',
    spec: 'src/atomic-executor-failures.spec.ts',
    test: 'takes nobody with it, wherever it stands in a batch of 50 (commit)',
  },
  {
    name: 'no subjects: two inputs on one row share a batch',
    file: 'src/atomic-executor.ts',
    find: 'for (const subject of member.subjects) taken.add(subject);',
    replace: '',
    spec: 'src/atomic-executor.spec.ts',
    test: 'hold each subject once and keep the order of its members',
  },
  {
    name: 'commit believed: a member whose conditions failed is answered all the same',
    file: 'src/atomic-executor.ts',
    find: 'if (applied.has(index)) member.resolve(answer);',
    replace: 'if (applied.size >= 0) member.resolve(answer);',
    spec: 'src/atomic-executor-interleavings.spec.ts',
    test: 'executes each key once and gives all its callers one answer, in every interleaving',
  },
  {
    name: 'lost answers believed: an unknown commit is taken as not done and told at once',
    file: 'src/atomic-executor.ts',
    find: "if (kind === 'connection') {",
    replace: "if (kind === 'connection' && parts.length > 99) {",
    spec: 'src/atomic-executor-interleavings.spec.ts',
    test: 'executes each key at most once when answers to commits are lost, and says the same to everybody',
  },
  {
    name: 'no loss of leases: a holder that was overtaken is not told',
    file: 'src/phased-executor.ts',
    find: 'else holding.abort.abort(); // finished',
    replace: 'else this.trust(holding, renewedAt); // finished',
    spec: 'src/phased-executor-heartbeat.spec.ts',
    test: 'tells work that its record was taken over',
  },
  {
    name: 'endless trust: a lease is believed in while the database is silent',
    file: 'src/phased-executor.ts',
    find: 'holding.expiry = setTimeout(',
    replace: 'if (leftMs === 0) holding.expiry = setTimeout(',
    spec: 'src/phased-executor-heartbeat.spec.ts',
    test: 'ends trust before the lease can have expired when the database never answers',
  },
  {
    name: 'no bound on rescue: one replica takes over everything',
    file: 'src/phased-executor.ts',
    find: 'const room = this.options.concurrencyMax - this.held.size;',
    replace: 'const room = 1_000;',
    spec: 'src/phased-executor.spec.ts',
    test: 'takes over only as much as there is room for',
  },
];
