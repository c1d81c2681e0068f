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
