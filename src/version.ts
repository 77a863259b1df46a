import { readFileSync } from 'node:fs'

const manifest = new URL('../../package.json', import.meta.url)

/** The package's own version. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'))
  return version
}
