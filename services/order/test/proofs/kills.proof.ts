import { auditSystem, seededRandom, spawnSystem } from '@once/testing';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import { placeUnderKills } from './orders-under-kills.js';
import { PROOF_SETTINGS } from './proof-settings.js';

/** `PROOF_SEEDS=7,8 npm run proofs -- kills` runs others. */
const SEEDS = (process.env['PROOF_SEEDS'] ?? '1,2,3').split(',').map(Number);

describe('fifty orders while order, payment and notification are killed five times each', () => {
  it.each(SEEDS)('end as their ledger says (seed %i)', async (seed) => {
    const system = await spawnSystem({ env: PROOF_SETTINGS });
    const report = await placeUnderKills(system, seededRandom(seed), { orders: 50, killsPerService: 5 });

    expect(await judge(system, report.wishes)).toEqual([]);
    expect((await auditSystem(system)).broken).toEqual({});
    // A run in which nothing happened proves nothing.
    expect(report.kills).toBe(15);
    expect(report.unknown).toBeGreaterThan(0);
  });
});
