import { WorkerNode } from '../../src/node/worker-node.js'
import { nodeContract } from './node.js'

nodeContract('worker', (options) => new WorkerNode(options))
