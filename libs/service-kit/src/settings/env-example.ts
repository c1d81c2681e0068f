import { settingDefinitions, type SettingDefinition } from './setting-definitions.js';

const HEADING = `# Every setting of every service with its unit, its meaning and what it is when unset.
# This file is written from libs/service-kit/src/settings/setting-definitions.ts; a test compares the two.
`;

/** The text of `.env.example`. */
export function renderEnvExample(): string {
  const definitions: [string, SettingDefinition][] = Object.entries(settingDefinitions);
  return [HEADING, ...definitions.map(renderSetting)].join('\n');
}

function renderSetting([name, definition]: [string, SettingDefinition]): string {
  const empty = definition.emptyMeans === undefined ? '' : `; empty: ${definition.emptyMeans}`;
  return `# ${definition.unit}: ${definition.description}${empty}\n${name}=${definition.standard}\n`;
}
