/** One intent, sent many times at the same moment to all replicas: one order, one answer. */
import { isDefinite, placeAtOnce, placeUntilDefinite } from '../client/recorded-requests.ts';
import { thisStory, wishOf } from '../client/story.ts';

const TWINS = 6;

export function duplicateStorm(): void {
  const story = thisStory();
  const wish = wishOf(story);
  const answers = placeAtOnce(story, wish, TWINS);
  if (!answers.every(isDefinite)) placeUntilDefinite(story, wish);
}
