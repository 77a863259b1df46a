import type { NodeReport } from '../../engine/statistics.js'

/** With more nodes than this their classes are summed up: a class of each would be too many series. */
const MAX_NODES = 64

interface SlabRow {
  readonly labels: { readonly node: string; readonly chunk_bytes: number }
  readonly pages: number
  readonly usedChunks: number
}

/** Slab classes that have pages, of each node, or of all together. */
export function slabRows(nodes: readonly NodeReport[]): SlabRow[] {
  const isSummed = nodes.length > MAX_NODES
  const rows = new Map<string, SlabRow>()
  for (const { id, classes } of nodes) {
    const node = isSummed ? 'all' : id
    for (const { chunkBytes, pages, usedChunks } of classes) {
      const name = `${node} ${chunkBytes}`
      const known = rows.get(name)
      rows.set(name, {
        labels: { node, chunk_bytes: chunkBytes },
        pages: pages + (known?.pages ?? 0),
        usedChunks: usedChunks + (known?.usedChunks ?? 0),
      })
    }
  }
  return [...rows.values()]
}
