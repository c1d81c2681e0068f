/** The order service whose sagas ask once. Taken out beside a guard of another service that asking again would stand in for. */
import { startWithout, WITHOUT_ASKING_AGAIN } from './start-without.mjs';

await startWithout({ service: 'order', edits: [], environment: WITHOUT_ASKING_AGAIN });
