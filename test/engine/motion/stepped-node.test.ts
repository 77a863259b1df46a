import { nodeContract } from '../../contract/node.js'
import { automatic, SteppedNode } from './stepped-node.js'

nodeContract('stepped, driven by itself', (options) => new SteppedNode(options, automatic()))
