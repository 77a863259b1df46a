import type { BucketFigures } from '../../../client/index.js'

export type Column = 'name' | 'bytes' | 'items' | 'gets' | 'hits' | 'puts' | 'evictions'

export const COLUMNS: readonly { readonly id: Column; readonly title: string }[] = [
  { id: 'name', title: 'Bucket' },
  { id: 'bytes', title: 'Bytes' },
  { id: 'items', title: 'Items' },
  { id: 'gets', title: 'Gets/s' },
  { id: 'hits', title: 'Hit ratio' },
  { id: 'puts', title: 'Puts/s' },
  { id: 'evictions', title: 'Evicted/s' },
]

/** Buckets that are alike keep to their names, so that rows do not dance. */
export function sorted(
  buckets: readonly BucketFigures[],
  by: Column,
  isRising: boolean,
): readonly BucketFigures[] {
  const sign = isRising ? 1 : -1
  return [...buckets].sort((a, b) => sign * compared(a, b, by) || a.name.localeCompare(b.name))
}

function compared(a: BucketFigures, b: BucketFigures, by: Column): number {
  if (by === 'name') return a.name.localeCompare(b.name)
  return by === 'hits' ? ratio(a) - ratio(b) : a[by] - b[by]
}

/** Without gets there is none: below all others. */
function ratio({ gets, hits }: BucketFigures): number {
  return gets > 0 ? hits / gets : -1
}
