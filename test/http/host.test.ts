import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Hosts } from '../../src/http/host.js'
import { Problem } from '../../src/http/problem.js'
import { type Served, serve } from './served.js'

const host = suite('http host style')
let served: Served

host.before(async () => {
  served = await serve({ server: { endpointTemplate: 'https://www.{id}.mycache.com/' } })
})
host.after(() => served.close())

host('a host names a bucket below the domain and by the template', () => {
  const hosts = new Hosts('Cache.Example', 80, 'https://www.{id}.mycache.com:8443/')
  const cases: [string, string | undefined][] = [
    ['7.cache.example', '7'],
    ['www.7.cache.example:7070', '7'],
    ['WWW.7.CACHE.example', '7'],
    ['www.12.mycache.com', '12'],
    ['12.mycache.com:8443', '12'],
    ['cache.example', undefined],
    ['x.cache.example', undefined],
    ['7.7.cache.example', undefined],
    ['www.www.7.cache.example', undefined],
    ['7.cache.example.org', undefined],
    ['127.0.0.1:7070', undefined],
    ['[::1]:7070', undefined],
  ]
  for (const [name, id] of cases) assert.is(hosts.bucketOf(name), id, name)
  assert.is(hosts.endpointOf('12'), 'https://www.12.mycache.com:8443/')
  assert.is(new Hosts('localhost', 7070).endpointOf('3'), 'http://www.3.localhost:7070/')
})

host('an id in the path of the template makes no host style', () => {
  const hosts = new Hosts('localhost', 80, 'https://cache.com/v1/buckets/{id}/')
  assert.is(hosts.bucketOf('cache.com'), undefined)
  assert.is(hosts.endpointOf('3'), 'https://cache.com/v1/buckets/3/')
})

host('a malformed host is refused', () => {
  const hosts = new Hosts('localhost', 80)
  const bad = [
    '',
    'a b',
    'a:b',
    'a/b',
    'a@b',
    'a,b',
    '[::1',
    'a:123456',
    'ü',
    'a'.repeat(300),
    'a:1:2',
  ]
  for (const name of bad) {
    const refuse = () => hosts.bucketOf(name)
    assert.throws(
      refuse,
      (error: unknown) => error instanceof Problem && error.status === 400,
      name,
    )
  }
})

host('both styles reach the same handlers', async () => {
  const bucket = await served.bucket()
  const { key } = bucket
  for (const name of [
    `${bucket.id}.localhost:${served.server.port}`,
    `www.${bucket.id}.localhost`,
    `www.${bucket.id}.mycache.com`,
  ]) {
    const headers = { Host: name }
    const call = (method: string, path: string, body?: string | object) => {
      return served.call(method, path, { key, headers, ...(body === undefined ? {} : { body }) })
    }
    assert.is((await call('PUT', '/v1/keys/k', 'value')).status, 201)
    const there = await call('GET', '/v1/keys/k')
    const here = await served.call('GET', `${bucket.path}/keys/k`, { key })
    assert.is(there.text, 'value')
    for (const header of ['etag', 'content-type', 'content-length', 'cache-status']) {
      assert.is(there.headers[header], here.headers[header], header)
    }
    assert.is((await call('HEAD', '/v1/keys/k')).status, 200)
    assert.equal((await call('GET', '/v1/keys')).json.keys, ['k'])
    assert.equal((await call('POST', '/v1/batch/get', { keys: ['k'] })).json.values, ['value'])
    assert.is((await call('GET', '/v1/usage')).json.items, 1)
    assert.is((await call('GET', '/v1/explain?key=k')).json.key, 'k')
    assert.is((await call('GET', '/v1/credentials')).json.credentials.length, 1)
    assert.is((await call('PATCH', '/v1/keys/k?ttl=5m')).status, 204)
    assert.is((await call('DELETE', '/v1/keys/k')).status, 204)
    assert.is((await call('POST', '/v1/flush')).status, 204)
    assert.is((await call('GET', bucket.path)).status, 200, 'path style is always on')
    assert.is((await call('GET', '/v1/nothing')).status, 404)
  }
})

host('the credential is checked against the bucket that the host names', async () => {
  const one = await served.bucket()
  const other = await served.bucket()
  const ask = (id: string) => {
    return served.call('GET', '/v1/keys/k', { key: one.key, headers: { Host: `${id}.localhost` } })
  }
  assert.is((await ask(one.id)).status, 404)
  assert.is((await ask(other.id)).status, 403)
  assert.is((await ask('999999')).status, 403)
})

host('without a bucket host there are no bare keys', async () => {
  const bucket = await served.bucket()
  for (const name of ['localhost', '127.0.0.1', 'x.localhost']) {
    const headers = { Host: name }
    const answer = await served.call('GET', '/v1/keys/k', { key: bucket.key, headers })
    assert.is(answer.status, 404)
    assert.is(answer.json.code, 'not_found')
  }
})

host('one connection may go from host to host', async () => {
  const buckets = [await served.bucket(), await served.bucket()]
  for (const round of [1, 2]) {
    for (const bucket of buckets) {
      const headers = { Host: `${bucket.id}.localhost` }
      const body = `${bucket.id} in round ${round}`
      await served.call('PUT', '/v1/keys/k', { key: bucket.key, headers, body })
      assert.is((await served.call('GET', '/v1/keys/k', { key: bucket.key, headers })).text, body)
    }
  }
})

host.run()
