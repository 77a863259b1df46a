/** Numbers from 0 to below 1, the same in every run (xorshift, Marsaglia 2003). */
export type Random = () => number

export function seeded(seed: number): Random {
  // Seeds that are near one another must not begin alike.
  let x = Math.imul(seed + 1, 0x9e3779b1) | 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

/** Ranks from 0 to `count` - 1, the r-th drawn in proportion to 1 / (r + 1) ^ `skew`. */
export function zipf(count: number, skew: number, random: Random): () => number {
  const upTo = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += (rank + 1) ** -skew
    upTo[rank] = sum
  }
  return () => {
    const drawn = random() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle] <= drawn) low = middle + 1
      else high = middle
    }
    return low
  }
}
