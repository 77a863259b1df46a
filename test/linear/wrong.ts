import { isOver } from './history.js'
import type { Asked, KeyHistory, KeyOperation, Told } from './register.js'

/** Operations one after the other, or as long as `from` and `to` say. */
function inTurn(...calls: [asked: Asked, told: Told | undefined][]): KeyHistory {
  return calls.map(([input, output], i): KeyOperation => {
    const returned = output === undefined ? Number.POSITIVE_INFINITY : 10 * i + 15
    return { client: i, called: 10 * i + 10, returned, input, output }
  })
}

const put = (value: string, condition: Partial<Asked> = {}): Asked => {
  return { kind: 'put', value, ...condition }
}
const get: Asked = { kind: 'get' }
const remove: Asked = { kind: 'delete' }
const created = (etag: string): Told => ({ status: 201, etag })
const replaced = (etag: string): Told => ({ status: 204, etag })
const found = (value: string, etag: string): Told => ({ status: 200, value, etag })
const done: Told = { status: 204 }
const missing: Told = { status: 404 }
const refused: Told = { status: 412 }

const lost = undefined
const head: Asked = { kind: 'head' }
const touch: Asked = { kind: 'touch' }
const flush: Asked = { kind: 'flush' }

/** All called before any returns, and all of `within` in between. */
function atOnce(together: KeyHistory, within: KeyHistory = []): KeyHistory {
  const around = together.map((one, i) => ({
    ...one,
    called: 1 + i / 10,
    returned: isOver(one) ? 900 + i : one.returned,
  }))
  return [...around, ...within.map((one) => ({ ...one, client: one.client + 50 }))]
}

export interface WrongHistory {
  readonly name: string
  readonly history: KeyHistory
  readonly says: RegExp
}

const a1: [Asked, Told] = [put('a'), created('1')]
const b2: [Asked, Told] = [put('b'), replaced('2')]
const gone: [Asked, Told] = [remove, done]

/** Each is wrong, and right as soon as its last operation may have happened at any time before. */
export const lateHistories: readonly WrongHistory[] = [
  {
    name: 'stale read',
    history: inTurn(a1, b2, [get, found('a', '1')]),
    says: /GET -> 200 a 1/,
  },
  {
    name: 'lost put',
    history: inTurn(a1, [get, missing]),
    says: /PUT a -> 201 1[\s\S]*GET -> 404/,
  },
  {
    name: 'lost update',
    history: inTurn(a1, [put('b', { ifMatch: '1' }), replaced('2')], [head, found('a', '1')]),
    says: /HEAD/,
  },
  {
    name: 'resurrected delete',
    history: inTurn(a1, gone, [get, found('a', '1')]),
    says: /DELETE -> 204[\s\S]*GET -> 200 a/,
  },
  {
    name: 'flushed value that comes back',
    history: inTurn(a1, [flush, done], [get, found('a', '1')]),
    says: /FLUSH -> 204/,
  },
  {
    name: 'value going back and forth',
    history: atOnce(
      inTurn([put('a'), { status: 200 }], [put('b'), { status: 200 }]),
      inTurn([get, found('a', '1')], [get, found('b', '2')], [get, found('a', '1')]),
    ),
    says: /GET -> 200 b[\s\S]*GET -> 200 a/,
  },
  {
    name: 'replaces a key that was deleted',
    history: inTurn(a1, gone, b2),
    says: /PUT b -> 204/,
  },
  {
    name: 'delete that does not find a key that is there',
    history: inTurn(a1, [remove, missing]),
    says: /DELETE -> 404/,
  },
  {
    name: 'touch of a deleted key',
    history: inTurn(a1, gone, [touch, done]),
    says: /TOUCH -> 204/,
  },
  {
    name: 'touch that tells an old ETag',
    history: inTurn(a1, b2, [touch, { status: 204, etag: '1' }]),
    says: /TOUCH -> 204 1/,
  },
  {
    name: 'not modified since a version that was replaced',
    history: inTurn(a1, b2, [
      { kind: 'get', ifNoneMatch: '1' },
      { status: 304, etag: '1' },
    ]),
    says: /304/,
  },
  {
    name: 'If-Match refused although the version is there',
    history: inTurn(a1, [put('b', { ifMatch: '1' }), refused]),
    says: /PUT b if-match 1 -> 412/,
  },
  {
    name: 'If-None-Match refused although the key is gone',
    history: inTurn(a1, gone, [put('b', { ifNoneMatch: '*' }), refused]),
    says: /PUT b if-none-match \* -> 412/,
  },
  {
    name: 'lost answer: the put was seen and is gone',
    history: inTurn([put('a'), lost], [get, found('a', '1')], [get, missing]),
    says: /GET -> 404/,
  },
  {
    name: 'lost answer: the value was there before the put was called',
    history: inTurn([get, found('a', '1')], [put('a'), lost]),
    says: /read before it was put/,
  },
  {
    name: 'lost answer: the delete takes effect twice',
    history: inTurn(a1, [remove, lost], [get, missing], [put('b'), created('2')], [get, missing]),
    says: /GET -> 404/,
  },
  {
    name: 'batch put overwritten by what came before',
    history: inTurn(a1, [put('b'), { status: 200 }], [get, { status: 200, value: 'a' }]),
    says: /GET -> 200 a/,
  },
]

/** Each is wrong however its operations overlap. */
export const wrongHistories: readonly WrongHistory[] = [
  {
    name: 'two If-Match winners on one version',
    history: atOnce(
      inTurn(
        [put('b', { ifMatch: '1' }), replaced('2')],
        [put('c', { ifMatch: '1' }), replaced('3')],
        a1,
      ),
    ),
    says: /PUT b if-match 1[\s\S]*PUT c if-match 1/,
  },
  {
    name: 'an If-Match winner on a version that a delete won',
    history: atOnce(
      inTurn(
        [put('b', { ifMatch: '1' }), replaced('2')],
        [{ kind: 'delete', ifMatch: '1' }, done],
        a1,
      ),
    ),
    says: /PUT b if-match 1[\s\S]*DELETE if-match 1/,
  },
  {
    name: 'two If-None-Match winners',
    history: atOnce(
      inTurn(
        [put('a', { ifNoneMatch: '*' }), created('1')],
        [put('b', { ifNoneMatch: '*' }), created('2')],
      ),
    ),
    says: /PUT a if-none-match \* -> 201[\s\S]*PUT b if-none-match \* -> 201/,
  },
  {
    name: 'value that nobody put',
    history: atOnce(inTurn(a1, [get, found('x', '7')])),
    says: /nobody put x/,
  },
  {
    name: 'value whose put was refused',
    history: atOnce(inTurn(a1, [put('b', { ifMatch: '7' }), refused], [get, found('b', '2')])),
    says: /b was refused and is read/,
  },
  {
    name: 'value of which it was said that it is not stored',
    history: atOnce(inTurn([put('b'), { status: 503 }], [get, found('b', '2')])),
    says: /b was refused and is read/,
  },
  {
    name: 'one ETag for two values',
    history: atOnce(inTurn(a1, [put('b'), replaced('1')])),
    says: /1 stands for a and b/,
  },
  {
    name: 'one value with two ETags',
    history: atOnce(inTurn(a1, [get, found('a', '2')])),
    says: /a has the ETags 1 and 2/,
  },
  {
    name: 'two deletes of one key',
    history: atOnce(inTurn(a1, gone, gone)),
    says: /DELETE -> 204[\s\S]*DELETE -> 204/,
  },
  {
    name: 'replaces a key that was never there',
    history: atOnce(inTurn([put('a'), replaced('1')])),
    says: /PUT a -> 204/,
  },
  {
    name: 'If-Match: * on a key that was never there',
    history: atOnce(inTurn([put('a', { ifMatch: '*' }), replaced('1')])),
    says: /PUT a if-match \* -> 204/,
  },
  {
    name: 'an answer that no call gives',
    history: atOnce(inTurn(a1, [get, { status: 500 }])),
    says: /GET -> 500/,
  },
]
