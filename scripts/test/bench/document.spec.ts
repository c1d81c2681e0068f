import { describe, expect, it } from 'vitest';
import { replacePart, toMarkdown } from '../../bench/document.mjs';

describe('the figures in the documentation', () => {
  it('replaces what is between the markers and leaves the rest', () => {
    const page = 'before\n<!-- peer -->\nold\n<!-- /peer -->\nafter\n';
    expect(replacePart(page, 'peer', 'new')).toBe('before\n<!-- peer -->\n\nnew\n\n<!-- /peer -->\nafter\n');
  });

  it('refuses a page without a place for them', () => {
    expect(() => replacePart('<!-- peer -->', 'peer', 'new')).toThrow('has no place for peer');
  });

  it('gives every row every column', () => {
    expect(
      toMarkdown([
        { load: '64', 'CPU ms': '2.0' },
        { load: '500', note: 'cannot' },
      ]),
    ).toBe('| load | CPU ms | note |\n| --- | --- | --- |\n| 64 | 2.0 |  |\n| 500 |  | cannot |');
  });
});
