import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROPERTIES = fileURLToPath(new URL('../ring/properties.test.js', import.meta.url))

/** The ring's properties with their full counts; the run sets ANNULUS_SOAK for it. */
export async function soak(): Promise<string> {
  const output = execFileSync(process.execPath, [PROPERTIES], { encoding: 'utf8' })
  return output.trim()
}
