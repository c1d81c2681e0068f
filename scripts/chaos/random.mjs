/** Numbers that look random and are the same for the same text: FNV-1a seeds a mulberry32. */
export const seededRandom = (text) => {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0), 0x01000193);

  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min, max) => min + Math.floor(next() * (max - min + 1));
  return {
    integer,
    /** A shuffled copy. */
    shuffle: (values) => {
      const shuffled = [...values];
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = integer(0, at);
        [shuffled[at], shuffled[other]] = [shuffled[other], shuffled[at]];
      }
      return shuffled;
    },
  };
};
