import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loggedPath } from '../../src/http/logged-path.js'

const test = suite('logged path')

test('a path without its query, in parts that are spelled plainly', () => {
  assert.is(loggedPath('/v1/buckets/4711/flush'), '/v1/buckets/4711/flush')
  assert.is(loggedPath('/v1/nodes/n1?force=true&x=secret'), '/v1/nodes/n1')
  assert.is(loggedPath('/v1/nodes/%22secret%22/fail'), '/v1/nodes/…/fail')
  assert.is(loggedPath(`/v1/nodes/${'x'.repeat(65)}`), '/v1/nodes/…')
  assert.is(loggedPath('http://host:1/v1/nodes/n1'), '…//…/v1/nodes/n1')
  assert.is(loggedPath('/x'.repeat(5_000)), '/x/x/x/x/x/x/x')
})

test('the credential of the request itself is in no part of it', () => {
  const secret = 'operator-chosen-secret-0123456789'
  assert.is(loggedPath(`/v1/nodes/${secret}`, `Bearer ${secret}`), '/v1/nodes/…')
  assert.is(loggedPath(`/v1/nodes/x${secret}x/fail`, `bearer  ${secret} `), '/v1/nodes/…/fail')
  assert.is(loggedPath('/v1/nodes/n1', `Bearer ${secret}`), '/v1/nodes/n1')
  assert.is(loggedPath('/v1/nodes/n1', 'Bearer '), '/v1/nodes/n1')
})

test.run()
