import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SERVE_OPTIONS, serveConfig, variable, type Written } from '../src/config.js'
import { DEFAULTS } from '../src/engine/options.js'
import { CacheError } from '../src/errors.js'

const config = suite('config')
const MIB = 2 ** 20

function parse(flags: Written = {}, env: Written = {}) {
  return serveConfig(flags, env)
}

function refusal(...words: string[]) {
  return (error: unknown) =>
    error instanceof CacheError &&
    ['invalid_option', 'invalid_size'].includes(error.code) &&
    !error.message.includes('\n') &&
    words.every((word) => error.message.includes(word))
}

config('what serve is without being told: of the ring, and of values, the engine decides', () => {
  assert.equal(parse(), {
    port: 7070,
    host: '127.0.0.1',
    acceptors: undefined,
    nodes: undefined,
    memoryBytes: undefined,
    data: './annulus-data',
    rootKey: undefined,
    domain: 'localhost',
    endpointTemplate: undefined,
    maxValueBytes: undefined,
    maxInflightBytes: 256 * MIB,
    maxBuckets: 4_096,
    virtualNodes: undefined,
    movePace: 0.1,
    logLevel: 'info',
  })
  assert.ok(Object.isFrozen(parse()))
})

config('every option is taken from a flag, and from its variable', () => {
  const written: Written = {
    port: '0',
    host: '::1',
    acceptors: '3',
    nodes: '2',
    memory: '128mb',
    data: '/var/lib/annulus',
    'root-key': 'open-sesame-open-sesame',
    domain: 'cache.example',
    'endpoint-template': 'https://www.{id}.mycache.com/',
    'max-value': '1mb',
    'max-inflight': '16mb',
    'max-buckets': '7',
    'virtual-nodes': '1',
    'move-pace': '.5',
    'log-level': 'silent',
  }
  assert.equal(
    Object.keys(written),
    SERVE_OPTIONS.map(({ flag }) => flag),
  )
  const fromEnv = Object.fromEntries(
    Object.entries(written).map(([flag, text]) => [variable(flag), text]),
  )
  const expected = {
    port: 0,
    host: '::1',
    acceptors: 3,
    nodes: 2,
    memoryBytes: 128 * MIB,
    data: '/var/lib/annulus',
    rootKey: 'open-sesame-open-sesame',
    domain: 'cache.example',
    endpointTemplate: 'https://www.{id}.mycache.com/',
    maxValueBytes: MIB,
    maxInflightBytes: 16 * MIB,
    maxBuckets: 7,
    virtualNodes: 1,
    movePace: 0.5,
    logLevel: 'silent',
  }
  assert.equal(parse(written), expected)
  assert.equal(parse({}, fromEnv), expected)
  assert.is(variable('endpoint-template'), 'ANNULUS_ENDPOINT_TEMPLATE')
})

config('a flag wins over its variable, an empty variable is none', () => {
  assert.is(parse({ port: '1' }, { ANNULUS_PORT: '2' }).port, 1)
  assert.is(parse({}, { ANNULUS_PORT: '2' }).port, 2)
  assert.is(parse({}, { ANNULUS_PORT: '' }).port, 7070)
  assert.is(parse({ port: '1' }, { ANNULUS_PORT: 'nonsense' }).port, 1)
})

config('a bad value is refused in one line, under the name by which it was given', () => {
  const bad: [string, string][] = [
    ['port', 'http'],
    ['port', '65536'],
    ['port', '-1'],
    ['port', ''],
    ['host', 'not a host'],
    ['acceptors', '0'],
    ['acceptors', '66'],
    ['nodes', '0'],
    ['nodes', '1025'],
    ['nodes', '1.5'],
    ['memory', '256'.repeat(9)],
    ['memory', '1.5gb'],
    ['memory', 'lots'],
    ['data', ''],
    ['root-key', 'two words'],
    ['root-key', ''],
    ['root-key', 'too-short'],
    ['domain', 'a b'],
    ['domain', '.example'],
    ['endpoint-template', 'https://mycache.com/'],
    ['endpoint-template', 'ftp://{id}.mycache.com/'],
    ['endpoint-template', '{id}'],
    ['max-value', '8 mb'],
    ['max-inflight', '0'],
    ['max-buckets', '0'],
    ['max-buckets', '65472'],
    ['virtual-nodes', '65537'],
    ['move-pace', '0'],
    ['move-pace', '0.009'],
    ['move-pace', '1.01'],
    ['move-pace', '10 %'],
    ['move-pace', '.'],
    ['log-level', 'loud'],
  ]
  for (const [flag, text] of bad) {
    assert.throws(() => parse({ [flag]: text }), refusal(`--${flag}: `), `--${flag} ${text}`)
    if (text === '') continue
    assert.throws(() => parse({}, { [variable(flag)]: text }), refusal(`${variable(flag)}: `))
  }
})

config('a root key is never shown, not even a wrong one', () => {
  try {
    parse({ 'root-key': 'secret with blanks' })
    assert.unreachable()
  } catch (error) {
    assert.not.match(String(error), 'secret')
  }
})

config('less in flight than one value is refused', () => {
  const refused = refusal('--max-inflight', '--max-value')
  assert.throws(() => parse({ 'max-inflight': '1mb' }), refused, 'less than the default')
  assert.throws(() => parse({ 'max-inflight': '1mb', 'max-value': '2mb' }), refused)
  assert.is(parse({ 'max-inflight': '1mb', 'max-value': '1mb' }).maxInflightBytes, MIB)
})

config("--help shows the engine's own defaults", () => {
  const shown = new Map(SERVE_OPTIONS.map(({ flag, fallback }) => [flag, fallback]))
  assert.is(shown.get('memory'), DEFAULTS.memory)
  assert.is(shown.get('max-value'), DEFAULTS.maxValue)
  assert.is(shown.get('max-buckets'), `${DEFAULTS.maxBuckets}`)
  assert.is(shown.get('virtual-nodes'), `${DEFAULTS.virtualNodes}`)
  assert.is(shown.get('move-pace'), `${DEFAULTS.movePace}`)
  assert.is(shown.get('nodes'), undefined)
})

config('the domain follows the endpoint template unless it is given', () => {
  const template = { 'endpoint-template': 'https://www.{id}.mycache.com:8443/x' }
  assert.is(parse(template).domain, 'mycache.com')
  assert.is(parse({ 'endpoint-template': 'http://{id}.c.example/' }).domain, 'c.example')
  assert.is(parse({ 'endpoint-template': 'https://mycache.com/{id}/' }).domain, 'localhost')
  assert.is(parse({ ...template, domain: 'inner.example' }).domain, 'inner.example')
  assert.is(parse(template, { ANNULUS_DOMAIN: 'inner.example' }).domain, 'inner.example')
})

config.run()
