const BAR_WIDTH = 40
const MAX_ROWS = 18
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const DECADES = 9
const FINE = [1, 1.5, 2, 3, 5, 7]
const COARSE = [1, 2, 5]
const COARSEST = [1]

/** A latency in microseconds as people read it: `85 µs`, `1.24 ms`, `2.50 s`. */
export function formatLatency(us: number): string {
  if (us < 1_000) return `${+us.toFixed(1)} µs`
  const [value, unit] = us < 1_000_000 ? [us / 1_000, 'ms'] : [us / 1_000_000, 's']
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`
}

function edgesOf(steps: readonly number[]): number[] {
  const edges: number[] = []
  for (let decade = 0; decade < DECADES; decade++) {
    for (const step of steps) edges.push(step * 10 ** decade)
  }
  return edges
}

/** How latencies spread over steps of 1, 1.5, 2, 3, 5, 7, 10, … µs: what the picture is drawn from. */
export class Spread {
  readonly #edges = edgesOf(FINE)
  readonly #counts = new Float64Array(this.#edges.length)

  add(us: number): void {
    let low = 0
    let high = this.#edges.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#edges[middle] <= us) low = middle
      else high = middle - 1
    }
    this.#counts[low]++
  }

  /** A row of a bar for each step from the shortest latency to the longest; none while empty. */
  draw(): string[] {
    const first = this.#counts.findIndex((count) => count > 0)
    if (first < 0) return []
    const last = this.#counts.findLastIndex((count) => count > 0)
    const rows = [FINE, COARSE, COARSEST]
      .map((steps) => this.#rows(edgesOf(steps), first, last))
      .find((found, i) => found.length <= MAX_ROWS || i === 2)
    return drawRows(rows ?? [])
  }

  #rows(edges: readonly number[], first: number, last: number): Row[] {
    const rows: Row[] = []
    for (const [i, from] of edges.entries()) {
      const to = edges[i + 1] ?? Number.POSITIVE_INFINITY
      if (to <= this.#edges[first] || from > this.#edges[last]) continue
      let count = 0
      for (const [j, edge] of this.#edges.entries()) {
        if (edge >= from && edge < to) count += this.#counts[j]
      }
      rows.push({ from, to, count })
    }
    return rows
  }
}

interface Row {
  readonly from: number
  readonly to: number
  readonly count: number
}

function drawRows(rows: readonly Row[]): string[] {
  const most = Math.max(...rows.map(({ count }) => count))
  const total = rows.reduce((sum, { count }) => sum + count, 0)
  const labels = rows.map(({ from, to }) => [
    formatLatency(from),
    Number.isFinite(to) ? formatLatency(to) : 'more',
  ])
  const width = Math.max(...labels.flat().map((label) => label.length))
  return rows.map(({ count }, i) => {
    const [from, to] = labels[i].map((label) => label.padStart(width))
    const percent = (100 * count) / total
    const share = `${percent.toFixed(percent > 0 && percent < 1 ? 3 : 1)} %`
    return `${from} – ${to}  ${share.padStart(8)}  ${bar(count / most)}`.trimEnd()
  })
}

function bar(part: number): string {
  const eighths = Math.round(part * BAR_WIDTH * 8)
  // What is there at all is never drawn as nothing.
  if (eighths === 0) return part > 0 ? EIGHTHS[1] : ''
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}
