import { lockData } from '../../src/engine/data-lock.js'

/** Takes the lock of the named directory, says how that went, and stays while its input is open. */
try {
  await lockData(process.argv[2])
  console.log('held')
} catch (error) {
  console.log((error as { code?: string }).code ?? String(error))
}
process.stdin.resume()
