/** What the routing benchmark uses of packages that bring no types. */
declare module 'hashring' {
  export default class HashRing {
    constructor(
      servers: string[],
      algorithm: string,
      options: { 'vnode count': number; 'max cache size': number },
    )
    get(key: string): string | undefined
  }
}

declare module 'consistent-hash' {
  export default class ConsistentHash {
    constructor(options: { range: number; weight: number })
    add(node: string): this
    get(key: string): string | undefined
  }
}
