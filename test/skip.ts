/** What of uvu's suite a skip needs. */
interface Suite {
  skip(name?: string): void
}

/**
 * Skips a test and says why: the runner shows the line, and counts a skip without one as a failure.
 * It is called while the suite is put together, before `.run()`.
 */
export function skip(suite: Suite, name: string, reason: string): void {
  suite.skip(name)
  console.log(`skip: ${name}: ${reason}`)
}
