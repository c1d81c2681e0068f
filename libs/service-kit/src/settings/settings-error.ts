/** The environment cannot run this service. Names every problem at once, so that nobody restarts once per mistake. */
export class SettingsError extends Error {
  readonly code = 'settings_refused';
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}
