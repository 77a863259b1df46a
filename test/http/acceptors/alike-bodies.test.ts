/** The same suites where two acceptors share the port. */
import './two.js'
import '../body.test.js'
import '../batch.test.js'
import '../batch-frames.test.js'
import '../bad-input.test.js'
