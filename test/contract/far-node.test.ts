import { FarNode } from '../../src/node/far-node.js'
import { WorkerNode } from '../../src/node/worker-node.js'
import { type ContractOptions, nodeContract } from './node.js'

/** A far node that ends together with the worker node that it belongs to. */
class WholeFarNode extends FarNode {
  private readonly host: WorkerNode

  constructor(options: ContractOptions) {
    const host = new WorkerNode({ ...options, writers: 2 })
    super({ ...options, memory: host.memory, mailbox: host.mailboxes[1] })
    this.host = host
  }

  override async close(): Promise<void> {
    await super.close()
    await this.host.close()
  }
}

nodeContract('far', (options) => new WholeFarNode(options))
