import { randomUUID } from 'node:crypto';

/**
 * A UUIDv7: time first, so that rows and index entries of one moment lie together; the rest is random. The version digit
 * and the millisecond replace the head of a random UUID, whose variant bits stay.
 */
export function mintMessageId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
