/** What can be measured, by name, in the order of a full run: those that need the same systems follow each other. */
import { ablation } from './scenarios/ablation.mjs';
import { ceiling } from './scenarios/ceiling.mjs';
import { chaos } from './scenarios/chaos.mjs';
import { growth } from './scenarios/growth.mjs';
import { guarantees } from './scenarios/guarantees.mjs';
import { hotArticle } from './scenarios/hot-article.mjs';
import { peer } from './scenarios/peer.mjs';
import { provider } from './scenarios/provider.mjs';
import { replay } from './scenarios/replay.mjs';

/** Each: `title`, the `systems` it compares, and `measure(field, options)`, which resolves with its measurements. */
export const SCENARIOS = {
  peer,
  ceiling,
  ablation,
  guarantees,
  provider,
  'hot-article': hotArticle,
  replay,
  growth,
  chaos,
};
