import { z } from 'zod';

const ms = z.int().min(0);

/** How the provider behaves on a good day; one that is not given has its default. */
export const worldSettingsDocument = z.strictObject({
  /** Every call waits that long before anything happens. */
  latencyMs: ms.max(600_000).default(0),
  /** Added to the latency of a share of the calls. */
  tailMs: ms.max(600_000).default(0),
  tailProbability: z.number().min(0).max(1).default(0),
  /** How long an idempotency key is remembered: 24 h. */
  keyLifeMs: ms.default(86_400_000),
  /** How long a new intent cannot be found by search. */
  searchDelayMs: ms.default(0),
  /** After that an authorisation is void and its intent canceled: 7 days. */
  authorisationLifeMs: ms.default(604_800_000),
});
export type WorldSettings = z.output<typeof worldSettingsDocument>;

export const DEFAULT_WORLD_SETTINGS: WorldSettings = worldSettingsDocument.parse({});
