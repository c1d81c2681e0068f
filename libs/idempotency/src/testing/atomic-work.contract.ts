import { beforeEach, describe, expect, it } from 'vitest';
import { AtomicExecutor, type AtomicOptions, type AtomicWork } from '../atomic-executor.js';

/** Work under test, on an empty store, and what a test must be able to ask for and to see. */
export interface AtomicWorkHarness<Input, State, Change, Answer> {
  /** The work of one more replica. */
  work(): AtomicWork<Input, State, Change, Answer>;
  readonly classify: AtomicOptions['classify'];
  /** Something that is to take effect once. */
  input(key: string): Input;
  /** The same whose commit the store refuses, whoever tries and however often. */
  poisoned(key: string): Input;
  /** How often it took effect, counted where the effect is and not where its record is. */
  effectsOf(key: string): Promise<number>;
  /** What an answer says, without how it says that it is a repeat. */
  contentOf(answer: Answer): unknown;
  isReplay(answer: Answer): boolean;
}

const BATCH = 50;
const PATIENTLY = { waitMs: 20_000 };

/**
 * What a service's own load, decision and commit statement must do for AtomicExecutor to keep its promise. The statement
 * is the service's, so it is where a mistake would be: an effect without its record, a record without its effect.
 */
export function atomicWorkContract<Input, State, Change, Answer>(
  name: string,
  open: () => Promise<AtomicWorkHarness<Input, State, Change, Answer>>,
): void {
  describe(`${name}, as atomic work,`, () => {
    let harness: AtomicWorkHarness<Input, State, Change, Answer>;
    const replica = ({ waitMs } = PATIENTLY): ((input: Input) => Promise<Answer>) => {
      const { classify } = harness;
      const executor = new AtomicExecutor(harness.work(), { batchMax: BATCH, waitMs, classify });
      return (input) => executor.submit(input);
    };
    const keys = Array.from({ length: BATCH }, (_, index) => `k${index}`);
    const expectOneExecution = async (key: string, answers: readonly Answer[]): Promise<void> => {
      expect(answers.filter((answer) => !harness.isReplay(answer))).toHaveLength(1);
      expect(new Set(answers.map((answer) => JSON.stringify(harness.contentOf(answer)))).size).toBe(1);
      expect(await harness.effectsOf(key)).toBe(1);
    };

    beforeEach(async () => {
      harness = await open();
    });

    it('takes effect once and repeats its answer, at any replica', async () => {
      const answers: Answer[] = [];
      for (const submit of [replica(), replica(), replica()]) answers.push(await submit(harness.input('a')));
      expect(answers.map((answer) => harness.isReplay(answer))).toEqual([false, true, true]);
      await expectOneExecution('a', answers);
    });

    it('takes effect once for 100 twins at the same time on two replicas, and answers all of them alike', async () => {
      const submits = [replica(), replica()];
      const twins = Array.from({ length: 50 }, () => submits.map((submit) => submit(harness.input('a')))).flat();
      await expectOneExecution('a', await Promise.all(twins));
    });

    it('takes effect once for each of many keys whose twins meet in opposite order', async () => {
      const submits = [replica(), replica()] as const;
      const ask = async (submit: (input: Input) => Promise<Answer>, key: string) => ({
        key,
        answer: await submit(harness.input(key)),
      });
      const answered = await Promise.all([
        ...keys.map((key) => ask(submits[0], key)),
        ...keys.toReversed().map((key) => ask(submits[1], key)),
      ]);
      for (const key of keys) {
        const own = answered.filter((one) => one.key === key);
        await expectOneExecution(
          key,
          own.map(({ answer }) => answer),
        );
      }
    });

    it.each([0, 24, 49])(
      'leaves nothing of a member that is refused, at %i of 50, and all of the others',
      async (at) => {
        const submit = replica({ waitMs: 200 });
        const results = await Promise.allSettled(
          keys.map((key, index) => submit(index === at ? harness.poisoned(key) : harness.input(key))),
        );
        const refused = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
        expect(refused).toEqual([at]);
        for (const [index, key] of keys.entries()) expect(await harness.effectsOf(key)).toBe(index === at ? 0 : 1);
        // Had its record stayed without its effect, this would be a repeat.
        expect(harness.isReplay(await submit(harness.input(`k${at}`)))).toBe(false);
        expect(await harness.effectsOf(`k${at}`)).toBe(1);
      },
    );
  });
}
