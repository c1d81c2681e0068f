/** A key that is used for another wish: refused, and the first wish stands. */
import { check } from 'k6';
import { placeUntilDefinite } from '../client/recorded-requests.ts';
import { thisStory, wishOf } from '../client/story.ts';

export function bodySwitch(): void {
  const story = thisStory();
  const wish = wishOf(story);
  placeUntilDefinite(story, wish);
  const other = { ...wish, items: wish.items.map(({ sku, quantity }) => ({ sku, quantity: quantity + 1 })) };
  const answer = placeUntilDefinite(story, other);
  check(answer, { 'another body under the same key is refused': ({ status }) => status === 422 });
}
