/** The same suites where two acceptors share the port. */
import './two.js'
import '../keys.test.js'
import '../conditions.test.js'
import '../pipeline.test.js'
import '../shutdown.test.js'
import '../host.test.js'
