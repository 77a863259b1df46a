/** The same suites where two acceptors share the port. */
import './two.js'
import '../matrix.test.js'
import '../buckets.test.js'
