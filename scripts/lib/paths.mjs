import { fileURLToPath } from 'node:url';

/** The clone these scripts belong to. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));
