import type { Edit } from './edit.js';

/** At the effect door: what is written down before a call, and what a lost answer means. */
export const effectEdits: readonly Edit[] = [
  {
    name: 'effect before intent: a call is made that nobody wrote down',
    file: 'src/effect/effect-door.ts',
    find: 'const isOurs = !signal.aborted && (await this.store.countSend(lease, effect.sends));',
    replace: 'const isOurs = !signal.aborted && effect.sends >= 0;',
    spec: 'test/effect-door.int.spec.ts',
    test: 'sends nothing that is not written down, and writes down that it sends before it does',
  },
  {
    name: 'no count of sends, in any interleaving of two holders',
    file: 'src/effect/effect-door.ts',
    find: 'const isOurs = !signal.aborted && (await this.store.countSend(lease, effect.sends));',
    replace: 'const isOurs = !signal.aborted && effect.sends >= 0;',
    spec: 'src/effect/effect-door-interleavings.spec.ts',
    test: 'send to a blind sink at most once, where that was chosen',
  },
  {
    name: 'outcome before work: an operation is told of as done before it is',
    file: 'src/effect/effect-door.ts',
    find: "return this.finish(lease, { kind: 'answered', answer: await this.sink.send(effect.operation, signal) });",
    replace:
      "await this.finish(lease, { kind: 'unknown' }); await this.sink.send(effect.operation, signal); return 'finished';",
    spec: 'test/effect-door.int.spec.ts',
    test: 'sends nothing that is not written down, and writes down that it sends before it does',
  },
  {
    name: 'an answer is told once: it is lost if the database is away for a moment',
    file: 'src/effect/effect-door.ts',
    find: 'if (isHopeless || performance.now() - learnedAt >= this.options.leaseMs) throw error;',
    replace: 'if (learnedAt > 0) throw error;',
    spec: 'test/effect-door.int.spec.ts',
    test: 'keeps an answer that comes while the database is away, and tells it as soon as it is back',
  },
  {
    name: 'no token condition on sends: a stale holder sends',
    file: 'src/postgres/postgres-effect-store.ts',
    find: `lease_token = $3 and outcome is null
            for update),`,
    replace: `$3::int > 0 and outcome is null
            for update),`,
    spec: 'test/effect-door.int.spec.ts',
    test: 'lets nobody count a send who has lost the lease, nor twice the same',
  },
  {
    name: 'sends are not compared: one decision sends twice',
    file: 'src/postgres/postgres-effect-store.ts',
    find: 'e.key = h.key and e.sends = $4',
    replace: 'e.key = h.key and $4::int >= 0',
    spec: 'test/effect-door.int.spec.ts',
    test: 'lets nobody count a send who has lost the lease, nor twice the same',
  },
  {
    name: 'a blind sink is sent to again: a lost answer is paid for twice',
    file: 'src/effect/sink.ts',
    find: "return resolution.sends === 'at-least-once' ? 'send' : 'give-up';",
    replace: "return 'send';",
    spec: 'test/llm-generation.int.spec.ts',
    test: 'that takes too long is a recorded unknown cost, and no second request',
  },
];
