/** More wishes at once than units: nobody gets a unit that is not there, and a unit that comes back can be had. */
import {
  cancelUntilDefinite,
  isDefinite,
  orderIdOf,
  placeAllAtOnce,
  placeUntilDefinite,
} from '../client/recorded-requests.ts';
import { storyOf, thisStory, wishOf } from '../client/story.ts';

const RUSH = 12;
const GIVEN_BACK = 0.5;

export function lastUnit(): void {
  const story = thisStory();
  const rush = Array.from({ length: RUSH }, (_, number) => {
    const own = storyOf(story, number);
    return { story: own, wish: wishOf(own, { sku: 'limited' }) };
  });
  const answers = placeAllAtOnce(rush);
  rush.forEach(({ story: own, wish }, number) => {
    const first = answers[number];
    const answer = first !== undefined && isDefinite(first) ? first : placeUntilDefinite(own, wish);
    const id = orderIdOf(answer);
    if (id !== undefined && own.chance('gives back') < GIVEN_BACK) cancelUntilDefinite(own, id);
  });
}
