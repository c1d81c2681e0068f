import { describe, expect, it } from 'vitest';
import { readOrderId } from './order-id.js';

describe('the id of an order in a path', () => {
  it('means the same in either case', () => {
    const id = '01900000-0000-7000-8000-0000000000aa';
    expect(readOrderId(id)).toBe(id);
    expect(readOrderId(id.toUpperCase())).toBe(id);
  });

  it.each(['42', '', '01900000-0000-7000-8000-0000000000a', "' or 1 = 1 --", '../../operator/sagas'])(
    'that cannot be one (%j) names no order',
    (text) => {
      expect(() => readOrderId(text)).toThrow(expect.objectContaining({ slug: 'not-found' }));
    },
  );
});
