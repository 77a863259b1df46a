/** A program in TypeScript for each entry point, as a user might write it; each ends by itself. */
export const USES: Readonly<Record<string, string>> = {
  '.': `
    import { CacheError, Engine, type Bucket, type EngineOptions } from 'annulus'
    const options: EngineOptions = { kind: 'inline', nodes: 1, memory: '16mb' }
    const engine = await Engine.open(options)
    const bucket: Bucket = await engine.createBucket('b', { defaultTtl: '1h' })
    const value: Buffer | undefined = await bucket.get('k')
    const stored: boolean[] = await bucket.putMany([['k', 'v'], [{ a: 1 }, new Uint8Array(2)]])
    const code = await bucket.put('k', 'v', { ttl: 'soon' }).catch((e: CacheError) => e.code)
    await engine.close()
    if (value !== undefined || !stored[0] || code !== 'invalid_ttl') throw new Error('.')`,
  './ring': `
    import { Ring } from 'annulus/ring'
    const ring = Ring.of([{ id: 'n1', weight: 1 }, { id: 'n2', weight: 2 }])
    const id: string = ring.members[ring.ownerIndex(7)]?.id ?? ''
    if (!id.startsWith('n')) throw new Error('./ring')`,
  './client': `
    import { AnnulusClient, CacheError, type ClientOptions } from 'annulus/client'
    const options: ClientOptions = { url: 'http://127.0.0.1:9', retries: 0 }
    const client = new AnnulusClient(options)
    const why = await client.bucket('1').getText('k').catch((e: unknown) => e)
    if (!(why instanceof CacheError)) throw new Error('./client')`,
  './testing': `
    import type { Engine } from 'annulus'
    import { openTestEngine, type TestEngine } from 'annulus/testing'
    const cache: TestEngine = await openTestEngine({ seed: 42, nodes: 1 })
    const engine: Engine = cache
    const bucket = await engine.createBucket('b')
    await bucket.put('k', 'v', { ttl: '1h' })
    await cache.advance('2h')
    if ((await bucket.get('k')) !== undefined) throw new Error('./testing')`,
  './keyv': `
    import Default, { KeyvAnnulus } from 'annulus/keyv'
    import { openTestEngine } from 'annulus/testing'
    import { Keyv } from 'keyv'
    const bucket = await (await openTestEngine()).createBucket('b')
    const keyv = new Keyv<string>({ store: new KeyvAnnulus(bucket) })
    await keyv.set('k', 'v', 1_000)
    const value: string | undefined = await keyv.get('k')
    if (value !== 'v' || Default !== KeyvAnnulus) throw new Error('./keyv')`,
  './unstorage': `
    import { annulusDriver } from 'annulus/unstorage'
    import { openTestEngine } from 'annulus/testing'
    import { createStorage } from 'unstorage'
    const bucket = await (await openTestEngine()).createBucket('b')
    const storage = createStorage({ driver: annulusDriver({ bucket }) })
    await storage.setItem('k', 'v')
    if ((await storage.getItem('k')) !== 'v') throw new Error('./unstorage')`,
  './undici': `
    import { AnnulusCacheStore } from 'annulus/undici'
    import { openTestEngine } from 'annulus/testing'
    import { Agent, interceptors } from 'undici'
    const bucket = await (await openTestEngine()).createBucket('b')
    const store = new AnnulusCacheStore({ bucket })
    const agent = new Agent().compose(interceptors.cache({ store }))
    await agent.close()`,
  './express-session': `
    import { AnnulusSessionStore } from 'annulus/express-session'
    import { openTestEngine } from 'annulus/testing'
    import session from 'express-session'
    const bucket = await (await openTestEngine()).createBucket('b')
    const store = new AnnulusSessionStore({ bucket, ttl: '1h' })
    const handler = session({ secret: 's', store, resave: false, saveUninitialized: false })
    if (typeof handler !== 'function') throw new Error('./express-session')`,
}
