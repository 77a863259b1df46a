import { timingSafeEqual } from 'node:crypto'
import { DEFAULT_ACCOUNT } from './catalogue.js'
import type { CatalogueStore } from './catalogue-store.js'
import { CatalogueView } from './catalogue-view.js'
import { givenKey, keyDigest, makeKey, type Random } from './credential-key.js'
import {
  type Change,
  type Credential,
  corrupt,
  type RingRecord,
  recordKey,
  SECRET_BYTES,
} from './records.js'

export interface Start {
  readonly view: CatalogueView
  /** This start made the installation: there was none. */
  readonly made: boolean
  /** Made at this start and shown now; never again. */
  readonly newRootKey: string | undefined
  /** The given root key took the place of another. */
  readonly rootKeyReplaced: boolean
}

export interface StartOptions {
  readonly rootKey?: string | undefined
  readonly clock: () => number
  readonly random: Random
  /** Throws where the ring cannot be served as asked: nothing has been written then. */
  readonly check?: ((ring: RingRecord | undefined) => void) | undefined
}

/** What a store holds, made ready to serve: its first records, or the given root key, put in. */
export async function start(store: CatalogueStore, options: StartOptions): Promise<Start> {
  const view = CatalogueView.of(store.load())
  options.check?.(view.ring) // or the key of a start that fails later is made and never shown
  return view.isEmpty ? begin(store, view, options) : resume(store, view, options)
}

async function begin(
  store: CatalogueStore,
  view: CatalogueView,
  { rootKey, clock, random }: StartOptions,
): Promise<Start> {
  const createdMs = clock()
  const secret = Buffer.from(random(SECRET_BYTES)).toString('hex')
  const root = rootKey === undefined ? makeKey(random) : givenKey(rootKey, random)
  const account = { id: DEFAULT_ACCOUNT, name: DEFAULT_ACCOUNT, createdMs }
  await commit(store, view, [
    { put: { type: 'installation', value: { secret, createdMs } } },
    { put: { type: 'account', value: account } },
    putRoot(root, createdMs),
  ])
  const newRootKey = 'key' in root && typeof root.key === 'string' ? root.key : undefined
  return { view, made: true, newRootKey, rootKeyReplaced: false }
}

async function resume(
  store: CatalogueStore,
  view: CatalogueView,
  { rootKey, clock, random }: StartOptions,
): Promise<Start> {
  const old = view.credentials.root
  if (old === undefined) throw corrupt('it has no root credential')
  const kept = { view, made: false, newRootKey: undefined }
  if (rootKey === undefined || isKeyOf(old, rootKey)) return { ...kept, rootKeyReplaced: false }
  await commit(store, view, [
    putRoot(givenKey(rootKey, random), clock()),
    { remove: recordKey({ type: 'credential', value: old }) },
  ])
  return { ...kept, rootKeyReplaced: true }
}

function isKeyOf(credential: Credential, key: string): boolean {
  return timingSafeEqual(Buffer.from(credential.digest, 'hex'), keyDigest(key))
}

function putRoot({ id, digest }: { id: string; digest: string }, createdMs: number): Change {
  return { put: { type: 'credential', value: { kind: 'root', id, digest, createdMs } } }
}

async function commit(store: CatalogueStore, view: CatalogueView, changes: Change[]) {
  await store.commit(changes)
  view.apply(changes)
}
