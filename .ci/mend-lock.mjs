/**
 * `node .ci/mend-lock.mjs [FOLDER]`: adds to the folder's package-lock.json (this package's where none
 * is named) the entries of optional packages for other platforms that npm left out. npm 11 leaves out those that the registry at hand could not show,
 * and `npm ci` then refuses the file. An entry needs no more than version, os and cpu.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openbsd', 'netbsd', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']
const file = process.argv[2]
  ? `${process.argv[2]}/package-lock.json`
  : new URL('../package-lock.json', import.meta.url)

const lock = JSON.parse(readFileSync(file, 'utf8'))
let added = 0
for (const [at, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (key in lock.packages || `${at}/${key}` in lock.packages) continue
    const words = name.split(/[-/]/)
    const os = SYSTEMS.find((system) => words.includes(system))
    const cpu = PROCESSORS.find((processor) => words.includes(processor))
    if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
      throw new Error(`${name}@${version}: its name does not tell what it is for; add it by hand`)
    }
    const dev = parent.dev ? { dev: true } : {}
    const libc = words.includes('musl') ? { libc: ['musl'] } : {}
    lock.packages[key] = { version, cpu: [cpu], ...dev, ...libc, optional: true, os: [os] }
    added++
  }
}
const byName = ([a], [b]) => (a < b ? -1 : 1)
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName))
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} entries added to package-lock.json`)
