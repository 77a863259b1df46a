/** What the API's document promises, where two acceptors share the port. */
import './two.js'
import '../openapi/calls.test.js'
