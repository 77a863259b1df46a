import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly timedOut: boolean
  /** Standard output and standard error in the order in which they came. */
  readonly output: string
}

/** What a child may print before the rest is cut off. */
const OUTPUT_LIMIT = 4 * 1024 * 1024

const running = new Set<ChildProcess>()

/** Starts a child in a process group of its own, so that what it starts can be ended with it. */
export function startChild(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    detached: true,
  })
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

/** Runs a child to its end, or to the end of its time. */
export function runChild(
  command: string,
  args: string[],
  options: SpawnOptions & { timeoutMs: number },
): Promise<Ended> {
  const { timeoutMs, ...rest } = options
  const child = startChild(command, args, rest)
  let output = ''
  const keep = (chunk: Buffer) => {
    if (output.length < OUTPUT_LIMIT) output += chunk.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return new Promise((resolve) => {
    let timedOut = false
    const watchdog = setTimeout(() => {
      timedOut = true
      killGroup(child)
    }, timeoutMs)
    const settle = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(watchdog)
      running.delete(child)
      // What the child left running (a server, a worker's child) must not outlive it.
      killGroup(child)
      resolve({ code, signal, timedOut, output })
    }
    child.on('error', (error) => {
      output += `${error.message}\n`
      settle(1, null)
    })
    // 'close' would wait for a grandchild that keeps the pipes; after 'exit' a moment drains them.
    child.on('exit', (code, signal) => {
      const done = () => {
        clearTimeout(drained)
        settle(code, signal)
      }
      const drained = setTimeout(done, 500)
      child.once('close', done)
    })
  })
}

/** Ends whatever still runs: for Ctrl-C. */
export function killAll(): void {
  for (const child of running) killGroup(child)
}

export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group is gone already.
  }
}
