/** `npm run docs:check`: what the documentation names must exist, and every guarantee must name the test that proves it. */
import { fileURLToPath } from 'node:url';
import { findProblems } from './docs/problems.mjs';

const problems = findProblems(fileURLToPath(new URL('..', import.meta.url)));
for (const problem of problems) console.error(`✗ ${problem}`);
console.log(problems.length === 0 ? '✓ the documentation names only what exists' : `${problems.length} to mend`);
process.exitCode = problems.length === 0 ? 0 : 1;
