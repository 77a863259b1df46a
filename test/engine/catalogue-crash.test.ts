import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { crashRounds } from '../soak/catalogue-crash.js'

const test = suite('catalogue, killed')

test('nothing acknowledged is lost to SIGKILL', async () => {
  assert.ok((await crashRounds(3)) > 0)
})

test.run()
