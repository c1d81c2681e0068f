/** Customers who change their mind at any moment of their order's life: before, while and after it is paid. */
import { check, sleep } from 'k6';
import { cancelUntilDefinite, orderIdOf, placeUntilDefinite } from '../client/recorded-requests.ts';
import { thisStory, wishOf } from '../client/story.ts';

/** An undisturbed order is paid in a tenth of this, and a disturbed one takes longer: both sides of the pivot are met. */
const DECIDED_WITHIN_S = 3;
/** Some think about it for long enough that their order is paid on a slow machine too. */
const LATE = 0.35;
const LATE_S = 8;
const INSISTS = 0.3;

export function cancellation(): void {
  const story = thisStory();
  const id = orderIdOf(placeUntilDefinite(story, wishOf(story)));
  if (id === undefined) return;
  // Squared: most cancellations come soon, while the payment is under way.
  const soon = story.chance('change of mind') ** 2 * DECIDED_WITHIN_S;
  sleep(story.chance('hesitation') < LATE ? LATE_S + soon : soon);
  const answer = cancelUntilDefinite(story, id);
  check(answer, { 'a cancellation is accepted': ({ status }) => status === 200 || status === 202 });
  if (story.chance('insists') < INSISTS) cancelUntilDefinite(story, id);
}
