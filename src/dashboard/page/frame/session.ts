/**
 * The credential of this page: in memory, and where its user asks for that, in this tab's
 * sessionStorage, which ends with the tab. Nowhere else: not in an address, a cookie, localStorage.
 */
const NAME = 'annulus.credential'

/** What was kept in this tab, if anything. */
export function keptCredential(storage: Storage): string | undefined {
  return storage.getItem(NAME) ?? undefined
}

export function keepCredential(storage: Storage, credential: string): void {
  storage.setItem(NAME, credential)
}

export function forgetCredential(storage: Storage): void {
  storage.removeItem(NAME)
}
