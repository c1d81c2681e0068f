import type { z } from 'zod';
import { findDevelopmentValues, type Environment } from './development-values.js';
import { settingDefinitions, type SettingDefinition, type SettingName } from './setting-definitions.js';
import { SettingsError } from './settings-error.js';
import { findSharedKey } from './shared-key.js';
import { windowRules } from './window-rules.js';

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${CapitalisedWords<Tail>}`
  : Lowercase<Name>;
type CapitalisedWords<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Capitalize<Lowercase<Head>>}${CapitalisedWords<Tail>}`
  : Capitalize<Lowercase<Name>>;

/** The settings a service asked for: `SAGA_STEP_TIMEOUT_MS` is read as `settings.sagaStepTimeoutMs`, a number. */
export type Settings<Names extends SettingName> = {
  readonly [Name in Names as CamelCase<Name>]: z.output<(typeof settingDefinitions)[Name]['schema']>;
};

/** What an unset variable means in one service where it differs from the definition, such as its port and database. */
export type ServiceStandards = Partial<Record<SettingName, string>>;

/**
 * Reads the named settings from the environment, or throws ONE SettingsError that names every problem: values that do not
 * parse, windows that contradict each other, and development values in production.
 */
export function readSettings<Names extends SettingName>(
  names: readonly Names[],
  environment: Environment,
  standards: ServiceStandards = {},
): Settings<Names> {
  const problems: string[] = [];
  const values = new Map<SettingName, unknown>();
  const textOf = (name: SettingName): string => readText(name, environment, standards);

  for (const name of names) {
    const parsed = settingDefinitions[name].schema.safeParse(textOf(name));
    if (parsed.success) values.set(name, parsed.data);
    else problems.push(`${name} ${parsed.error.issues.map((issue) => issue.message).join(', ')}`);
  }
  problems.push(...findBrokenWindows(values), ...findSharedKey(names, textOf));
  if (textOf('NODE_ENV') === 'production') problems.push(...findDevelopmentValues(names, textOf));

  if (problems.length > 0) throw new SettingsError(problems);
  // The keys are the camel case of `names` and the values what their schemas gave: exactly the type, which no compiler can see.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(Array.from(values, ([name, value]) => [camelCase(name), value])) as Settings<Names>;
}

function readText(name: SettingName, environment: Environment, standards: ServiceStandards): string {
  const definition: SettingDefinition = settingDefinitions[name];
  const given = environment[name];
  const isUnset = given === undefined || (given === '' && definition.emptyMeans === undefined);
  return isUnset ? (standards[name] ?? definition.standard) : given;
}

function findBrokenWindows(values: ReadonlyMap<SettingName, unknown>): string[] {
  const valueOf = (name: SettingName): number => Number(values.get(name));
  return windowRules
    .filter((rule) => rule.reads.every((name) => values.has(name)))
    .filter((rule) => !rule.holds(valueOf))
    .map((rule) => rule.sentence(valueOf));
}

const camelCase = (name: SettingName): string =>
  name.toLowerCase().replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
