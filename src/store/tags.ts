/**
 * Tags: 8 bits of a key's hash, four to a word, so that four slots are asked at once whether they may
 * hold the key.
 */

/** Stands for an overflow node instead of an item: see table.ts. */
export const LINK = 255

export function tagOf(remixed: number): number {
  const tag = remixed & 0xff
  return tag === 0 ? 1 : tag === LINK ? LINK - 1 : tag
}

/**
 * The top bits of those of the four bytes that agree with `tag`; perhaps of more, but the lowest that is
 * marked does agree (Hacker's Delight 6-1).
 */
export function agreeing(tags: number, tag: number): number {
  const differ = tags ^ Math.imul(tag, 0x01010101)
  return (differ - 0x01010101) & ~differ & 0x80808080
}

/** The number of the lowest byte that `agreeing` marks. */
export function firstOf(hits: number): number {
  return (31 - Math.clz32(hits & -hits)) >> 3
}
