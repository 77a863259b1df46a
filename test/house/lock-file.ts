import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Finding } from './imports.js'
import { lineOf } from './mask.js'

const ADDRESS =
  /"resolved":\s*"(?!file:)[a-z+]+:|https?:\/\/[^"/]*(?:registry|npmjs|verdaccio|artifactory|nexus)/g

interface Lock {
  readonly packages?: Readonly<Record<string, Package>>
}

interface Package {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** What keeps a fresh clone from `npm ci`, or ties it to one registry. */
export function checkLockFile(root: string, file: string): Finding[] {
  if (!existsSync(join(root, file))) return []
  const source = readFileSync(join(root, file), 'utf8')
  const addresses = [...source.matchAll(ADDRESS)].map((match) => ({
    file,
    line: lineOf(source, match.index),
    rule: 'holds the address of a registry',
    fix: 'keep omit-lockfile-registry-resolved=true in .npmrc and make the file anew with npm install',
  }))
  return [...addresses, ...missingEntries(source, file)]
}

/** npm 11 leaves out optional packages of other platforms, and its own `npm ci` then refuses. */
function missingEntries(source: string, file: string): Finding[] {
  const { packages = {} } = JSON.parse(source) as Lock
  const findings: Finding[] = []
  for (const [at, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const key = `node_modules/${name}`
      if (key in packages || `${at}/${key}` in packages) continue
      const rule = `has no entry for the optional ${name}: npm ci refuses it`
      const line = lineOf(source, source.indexOf(`"${name}"`))
      findings.push({ file, line, rule, fix: `run node .ci/mend-lock.mjs ${dirname(file)}` })
    }
  }
  return findings
}
