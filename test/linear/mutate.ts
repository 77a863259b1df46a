import type { KeyHistory, KeyOperation, Told } from './register.js'

/** Changes one answer of a right history so that it is wrong for sure; undefined where none can be. */
export type Mutation = (history: KeyHistory) => KeyHistory | undefined

const isDone = ({ output }: KeyOperation) => output !== undefined && output.status < 300

function retold(history: KeyHistory, one: KeyOperation, output: Told): KeyHistory {
  return history.map((other) => (other === one ? { ...one, output } : other))
}

function isBefore(a: KeyOperation, b: KeyOperation): boolean {
  return a.returned < b.called
}

const putsOf = (history: KeyHistory) => history.filter((one) => one.input.kind === 'put')
const getsOf = (history: KeyHistory) => {
  return history.filter((one) => one.input.kind === 'get' && one.output !== undefined)
}

function etagWithValue({ input, output }: KeyOperation): (string | undefined)[] {
  return input.kind === 'put' || output?.value !== undefined ? [output?.etag] : []
}

/** Whatever may take the key away. */
const takesAway = ({ input, output }: KeyOperation) => {
  const isTaking = input.kind === 'delete' || input.kind === 'flush'
  return isTaking && (output === undefined || output.status === 204)
}

function first<T>(of: Iterable<T>): T | undefined {
  for (const one of of) return one
  return undefined
}

/** A get gives the value of a put that was done and overwritten before the get was called. */
function* staleReads(history: KeyHistory): Generator<KeyHistory> {
  const puts = putsOf(history).filter(isDone)
  for (const get of getsOf(history)) {
    for (const late of puts.filter((put) => isBefore(put, get))) {
      const old = puts.find((put) => isBefore(put, late))
      if (old === undefined) continue
      const { value } = old.input
      yield retold(history, get, { status: 200, value, etag: old.output?.etag })
    }
  }
}

/** A get gives a value whose key was deleted, or flushed away, before the get was called. */
function* resurrections(history: KeyHistory): Generator<KeyHistory> {
  const puts = putsOf(history).filter(isDone)
  for (const get of getsOf(history)) {
    for (const gone of history.filter((one) => takesAway(one) && isBefore(one, get))) {
      const old = puts.find((put) => isBefore(put, gone))
      if (old === undefined) continue
      const { value } = old.input
      yield retold(history, get, { status: 200, value, etag: old.output?.etag })
    }
  }
}

/** A get misses although a put was done before it and nothing since may have taken the key away. */
function* misses(history: KeyHistory): Generator<KeyHistory> {
  const takers = history.filter(takesAway)
  for (const get of getsOf(history)) {
    const isSafe = (put: KeyOperation) => {
      return takers.every((taker) => isBefore(taker, put) || isBefore(get, taker))
    }
    const put = putsOf(history).find((one) => isDone(one) && isBefore(one, get) && isSafe(one))
    if (put !== undefined) yield retold(history, get, { status: 404 })
  }
}

/** Two clients replace, or delete, one and the same version. */
function* twoWinners(history: KeyHistory): Generator<KeyHistory> {
  const isTagged = ({ input }: KeyOperation) => {
    const { kind, ifMatch } = input
    return ifMatch !== undefined && ifMatch !== '*' && (kind === 'put' || kind === 'delete')
  }
  const tagged = history.filter(isTagged)
  // Of an ETag whose value nobody was told, the model cannot say what it stands for.
  const told = new Set(history.filter((one) => one.input.kind !== 'touch').flatMap(etagWithValue))
  for (const loser of tagged.filter((one) => one.output?.status === 412)) {
    const winner = tagged.find((one) => isDone(one) && one.input.ifMatch === loser.input.ifMatch)
    if (winner === undefined || !told.has(loser.input.ifMatch)) continue
    const etag = loser.input.kind === 'put' ? '"won"' : undefined
    yield retold(history, loser, { status: 204, etag })
  }
}

/** Two clients create the key although nothing can have taken it away between. */
function* twoCreators(history: KeyHistory): Generator<KeyHistory> {
  const takers = history.filter(takesAway)
  const created = history.filter((one) => one.output?.status === 201)
  const refused = putsOf(history).filter((one) => {
    return one.input.ifNoneMatch !== undefined && one.output?.status === 412
  })
  for (const loser of refused) {
    const isApart = (winner: KeyOperation) => {
      const from = Math.min(winner.called, loser.called)
      const to = Math.max(winner.returned, loser.returned)
      return takers.every((taker) => taker.returned < from || taker.called > to)
    }
    if (created.some(isApart)) yield retold(history, loser, { status: 201, etag: '"new"' })
  }
}

/** A value comes back after another one was seen. */
function* backAndForth(history: KeyHistory): Generator<KeyHistory> {
  const gets = getsOf(history)
  for (const late of gets) {
    for (const middle of gets.filter((get) => isDone(get) && isBefore(get, late))) {
      const early = gets.find((get) => {
        const isOther = get.output?.value !== middle.output?.value
        return isDone(get) && isOther && isBefore(get, middle)
      })
      if (early?.output !== undefined) yield retold(history, late, early.output)
    }
  }
}

/** More deletes succeed than there can have been keys. */
function* deletesOfNothing(history: KeyHistory): Generator<KeyHistory> {
  const count = (of: (one: KeyOperation) => boolean) => history.filter(of).length
  const kindOf = (one: KeyOperation) => one.input.kind
  if (history.some((one) => one.output === undefined || kindOf(one) === 'flush')) return
  const creations = count((one) => one.output?.status === 201 || one.output?.status === 200)
  const reads = count((one) => kindOf(one) !== 'put' && one.output?.status === 200)
  const deletes = count((one) => kindOf(one) === 'delete' && isDone(one))
  for (const one of history) {
    const isVain = kindOf(one) === 'delete' && one.output?.status === 404
    if (isVain && creations - reads === deletes) yield retold(history, one, { status: 204 })
  }
}

function* inventions(history: KeyHistory): Generator<KeyHistory> {
  for (const get of getsOf(history)) {
    yield retold(history, get, { status: 200, value: 'invented', etag: '"invented"' })
  }
}

/** A get gives what is only put after it returned. */
function* foresights(history: KeyHistory): Generator<KeyHistory> {
  for (const get of getsOf(history)) {
    const put = putsOf(history).find((one) => isDone(one) && isBefore(get, one))
    if (put === undefined) continue
    const { value } = put.input
    yield retold(history, get, { status: 200, value, etag: put.output?.etag })
  }
}

/** A put answers 204 although the key was never there before it returned, or 201 on a key that was. */
function* wrongNews(history: KeyHistory): Generator<KeyHistory> {
  for (const put of putsOf(history)) {
    const { output } = put
    if (output === undefined) continue
    const isFirst = putsOf(history).every((one) => one === put || isBefore(put, one))
    if (isFirst && output.status === 201) yield retold(history, put, { ...output, status: 204 })
    const takers = history.filter(takesAway)
    const isSafe = (one: KeyOperation) => {
      const isKept = (taker: KeyOperation) => isBefore(taker, one) || isBefore(put, taker)
      return isDone(one) && isBefore(one, put) && takers.every(isKept)
    }
    if (output.status === 204 && putsOf(history).some(isSafe)) {
      yield retold(history, put, { ...output, status: 201 })
    }
  }
}

function* reusedTags(history: KeyHistory): Generator<KeyHistory> {
  const tagged = putsOf(history).filter((one) => one.output?.etag !== undefined)
  for (let i = 1; i < tagged.length; i++) {
    const { output } = tagged[i]
    if (output !== undefined) {
      yield retold(history, tagged[i], { ...output, etag: tagged[i - 1].output?.etag })
    }
  }
}

export const mutations: Readonly<Record<string, Mutation>> = {
  'stale read': (history) => first(staleReads(history)),
  'resurrected delete': (history) => first(resurrections(history)),
  'spurious miss': (history) => first(misses(history)),
  'two If-Match winners': (history) => first(twoWinners(history)),
  'two If-None-Match winners': (history) => first(twoCreators(history)),
  'value going back and forth': (history) => first(backAndForth(history)),
  'delete of a missing key': (history) => first(deletesOfNothing(history)),
  'value never written': (history) => first(inventions(history)),
  'value read before it is put': (history) => first(foresights(history)),
  'wrong 201 or 204': (history) => first(wrongNews(history)),
  'ETag used twice': (history) => first(reusedTags(history)),
}
