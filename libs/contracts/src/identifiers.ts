import { z } from 'zod';

/** Ids are UUIDv7: time-ordered keys keep the indexes they live in dense, so writes stay cheap as tables grow. */
export const identifier = z.uuid();
