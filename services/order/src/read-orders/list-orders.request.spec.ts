import { describe, expect, it } from 'vitest';
import { listOrdersRequest } from './list-orders.request.js';
import { pageOf } from './page.request.js';

const rows = Array.from({ length: 4 }, (_, index) => ({ id: `01900000-0000-7000-8000-00000000000${index}` }));
const wrongFields = (query: object) =>
  listOrdersRequest.safeParse(query).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the query of GET /orders', () => {
  it('has a standard page when nothing is said', () => {
    expect(listOrdersRequest.parse({})).toEqual({ limit: 20 });
  });

  it.each(['pending', 'confirmed', 'cancelled', 'parked'])('may ask for %s orders', (status) => {
    expect(listOrdersRequest.parse({ status })).toEqual({ status, limit: 20 });
  });

  it.each(['1', '100'])('may ask for %s at once', (limit) => {
    expect(listOrdersRequest.parse({ limit })).toEqual({ limit: Number(limit) });
  });

  it('reads the cursor that a page gave', () => {
    const { nextCursor } = pageOf(rows, 3);
    expect(listOrdersRequest.parse({ cursor: nextCursor })).toEqual({ cursor: rows[2]?.id, limit: 20 });
  });

  it.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: '-1' }],
    ['limit', { limit: '1.5' }],
    ['limit', { limit: '1e2' }],
    ['limit', { limit: '' }],
    ['limit', { limit: ['1', '2'] }],
    ['status', { status: 'lost' }],
    ['status', { status: ['pending', 'parked'] }],
    ['cursor', { cursor: 'x' }],
    ['cursor', { cursor: '' }],
    ['cursor', { cursor: Buffer.from("' or 1 = 1 --").toString('base64url') }],
    ['', { page: '2' }],
  ])('is refused at %j for %o', (field, query) => {
    expect(wrongFields(query)).toEqual([field]);
  });
});

describe('a page', () => {
  it('has a cursor only when more was found than it holds', () => {
    expect(pageOf(rows, 4)).toEqual({ data: rows, nextCursor: null });
    expect(pageOf(rows, 3).data).toEqual(rows.slice(0, 3));
    expect(pageOf(rows, 3).nextCursor).not.toBeNull();
    expect(pageOf([], 3)).toEqual({ data: [], nextCursor: null });
  });
});
