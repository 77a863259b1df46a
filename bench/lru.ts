import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LruReport, LruTask } from './lru-child.js'

const CHILD_FILE = fileURLToPath(new URL('./lru-child.js', import.meta.url))
/** Its items lie on the heap. */
const HEAP_MB = 4_096

/** lru-cache does a task in a fresh process. */
export async function lruReport(task: LruTask): Promise<LruReport> {
  const execArgv = ['--expose-gc', `--max-old-space-size=${HEAP_MB}`]
  const child = fork(CHILD_FILE, [JSON.stringify(task)], { execArgv })
  const report = once(child, 'message')
  const ended = once(child, 'exit').then(async ([code]) => {
    await Promise.race([report, new Promise((resolve) => setImmediate(resolve))])
    throw new Error(`lru-cache's process ended with ${code}`)
  })
  ended.catch(() => {}) // after its report it ends as it should
  const [told] = await Promise.race([report, ended])
  child.kill('SIGKILL')
  return told as LruReport
}
