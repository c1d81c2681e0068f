/** More wishes than units: nobody gets a unit that is not there, and a unit that comes back can be had. */
import { cancelUntilDefinite, orderIdOf, placeUntilDefinite } from '../client/recorded-requests.ts';
import { thisStory, wishOf } from '../client/story.ts';

const GIVEN_BACK = 0.5;

export function lastUnit(): void {
  const story = thisStory();
  const id = orderIdOf(placeUntilDefinite(story, wishOf(story, { sku: 'limited' })));
  if (id !== undefined && story.chance('gives back') < GIVEN_BACK) cancelUntilDefinite(story, id);
}
