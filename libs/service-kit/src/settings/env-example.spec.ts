import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderEnvExample } from './env-example.js';

describe('.env.example', () => {
  it('lists every setting that the parser knows, with its unit, meaning and standard value', () => {
    const committed = readFileSync(new URL('../../../../.env.example', import.meta.url), 'utf8');
    expect(committed).toBe(renderEnvExample());
  });
});
