/**
 * The rooms of src/ and what each may import. "Imports point down": cli -> http -> engine ->
 * {ring, node} -> store, and everything may import a leaf.
 */
export interface Room {
  /** Other rooms that its files may import; their own room and leaves go without saying. */
  readonly imports: readonly string[]
  /** Modules from outside that it must not touch; '*' stands for everything of Node. */
  readonly refuses: readonly string[]
  /** False where time and chance must arrive as arguments. */
  readonly mayReadClock: boolean
}

const threads = ['piscina', 'worker_threads', 'cluster']
const network = ['http', 'https', 'http2']

export const rooms: Readonly<Record<string, Room>> = {
  leaf: { imports: [], refuses: [], mayReadClock: false },
  store: { imports: [], refuses: ['*'], mayReadClock: false },
  ring: { imports: [], refuses: ['*'], mayReadClock: false },
  node: { imports: ['store'], refuses: network, mayReadClock: false },
  engine: {
    imports: ['ring', 'node', 'store'],
    refuses: [...threads, ...network],
    mayReadClock: true,
  },
  frames: { imports: [], refuses: ['*'], mayReadClock: false },
  http: { imports: ['engine', 'ring', 'frames'], refuses: [], mayReadClock: true },
  cli: {
    imports: ['http', 'engine', 'ring', 'node', 'store', 'client'],
    refuses: [],
    mayReadClock: true,
  },
  client: { imports: ['frames'], refuses: ['*'], mayReadClock: true },
  // What runs in a browser; its build script is the one file that does not.
  dashboard: { imports: ['client'], refuses: [], mayReadClock: true },
  adapters: { imports: ['client', 'engine'], refuses: [], mayReadClock: true },
  testing: {
    imports: ['engine', 'node', 'store'],
    refuses: [...threads, ...network],
    mayReadClock: false,
  },
  entry: {
    imports: ['engine', 'ring', 'node', 'store', 'testing'],
    refuses: [],
    mayReadClock: true,
  },
}

const single: Readonly<Record<string, string>> = {
  'key.ts': 'leaf',
  'key-rules.ts': 'leaf',
  'units.ts': 'leaf',
  'errors.ts': 'leaf',
  'hash.ts': 'leaf',
  'clock.ts': 'leaf',
  'flights.ts': 'leaf',
  'known-options.ts': 'leaf',
  'histogram.ts': 'leaf',
  'version.ts': 'leaf',
  'cli.ts': 'cli',
  'config.ts': 'cli',
  'index.ts': 'entry',
  'testing.ts': 'entry',
}

/** The room of a path below src/, such as `engine/bucket.ts`; undefined where it has none yet. */
export function roomOf(path: string): string | undefined {
  const slash = path.indexOf('/')
  if (slash < 0) return single[path]
  const folder = path.slice(0, slash)
  return folder === 'leaf' || folder === 'entry' || !(folder in rooms) ? undefined : folder
}

/** The files that may re-export: the entry points that the package names. */
export const barrels: ReadonlySet<string> = new Set([
  'index.ts',
  'ring/index.ts',
  'client/index.ts',
])

/** The one file below the engine that may read the clock: its room hands it on as an argument. */
export const CLOCK = 'clock.ts'
