import { hash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on nothing but its name.
 *
 * The name says which call it is (order, operation, how many-th of them), not when it came: so the same seed gives the
 * same faults to one client and to fifty.
 */
export function chance(...name: readonly (string | number)[]): number {
  const digest = hash('sha256', JSON.stringify(name), 'buffer');
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
