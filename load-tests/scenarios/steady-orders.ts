/** Most customers: one order, perhaps asked for again, perhaps with a card that is declined. */
import { sleep } from 'k6';
import { orderIdOf, placeUntilDefinite, readOnce } from '../client/recorded-requests.ts';
import { thisStory, wishOf } from '../client/story.ts';

const DECLINED = 0.15;
const REPEATED = 0.6;
const WATCHED = 0.2;

export function steadyOrder(): void {
  const story = thisStory();
  const method = story.chance('card') < DECLINED ? 'pm_card_chargeDeclined' : 'pm_card_visa';
  const wish = wishOf(story, { method });
  const answer = placeUntilDefinite(story, wish);
  if (story.chance('repeat') < REPEATED) {
    sleep(story.chance('patience') * 2);
    placeUntilDefinite(story, wish);
  }
  const id = orderIdOf(answer);
  if (id === undefined || story.chance('watch') >= WATCHED) return;
  for (let look = 0; look < 3; look += 1) {
    sleep(1);
    readOnce(story, id, look);
  }
}
