import { InlineNode } from '../../src/node/inline-node.js'
import { nodeContract } from './node.js'

nodeContract('inline', (options) => new InlineNode(options))
