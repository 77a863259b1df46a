/** What one test file came to. A file that could not be read counts as one failed test. */
export interface Outcome {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  /** Why the file failed as a whole; undefined where its own summary tells everything. */
  readonly trouble: string | undefined
  /** The lines in which the file gives the reason of each skip. */
  readonly reasons: readonly string[]
  readonly output: string
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly timedOutAfterMs: number | undefined
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
const SUMMARY = /Total: +(\d+)\s+Passed: +(\d+)\s+Skipped: +(\d+)/g
const REASON = /^\s*skip: .*\S/gm

/** Reads uvu's closing summary and weighs it against how the process ended. */
export function weigh(file: string, text: string, ending: Ending, seconds: number): Outcome {
  const output = text.replace(ESCAPES, '')
  const summary = [...output.matchAll(SUMMARY)].at(-1)
  const total = Number(summary?.[1] ?? 0)
  const passed = Number(summary?.[2] ?? 0)
  const skipped = Number(summary?.[3] ?? 0)
  const reasons = (output.match(REASON) ?? []).map((line) => line.trim())
  const red = total - passed
  let trouble: string | undefined
  if (ending.timedOutAfterMs !== undefined) {
    const hung =
      summary === undefined ? 'before its summary' : 'after its summary: a handle is open'
    trouble = `stopped by the watchdog after ${ending.timedOutAfterMs / 1000} s, ${hung}`
  } else if (summary === undefined) {
    trouble = `printed no summary (${ended(ending)}); does it end in .run()?`
  } else if (total === 0 && skipped === 0) {
    trouble = 'holds no test'
  } else if (ending.code !== 0 && red === 0) {
    trouble = `every test passed, but it ${ended(ending)}`
  } else if (skipped > reasons.length) {
    trouble = `skips ${skipped} but names ${reasons.length} reasons; use skip() of test/skip.ts`
  }
  const failed = trouble === undefined ? red : Math.max(1, red)
  return { file, passed, failed, skipped, seconds, trouble, reasons, output }
}

function ended(ending: Ending): string {
  return ending.signal === null ? `exited with ${ending.code}` : `was ended by ${ending.signal}`
}
