/** One station, run way by way as it is told: `node station-child.js NAME`. */
import { stations } from './stations.js'

/** What a station can do, and which way is better. */
export type Ready = Readonly<
  Record<string, { readonly unit: string; readonly isMoreBetter: boolean }>
>

/** An answer to the name of a way. */
export type Told = { readonly figure: number } | { readonly failure: string }

const [name] = process.argv.slice(2)
if (Object.hasOwn(stations, name) && process.send !== undefined) {
  const { ways } = await stations[name]()
  const ready: Ready = Object.fromEntries(
    Object.entries(ways).map(([way, { unit, isMoreBetter }]) => [way, { unit, isMoreBetter }]),
  )
  process.on('message', async (way: string) => {
    const told: Told = await ways[way].run().then(
      (figure) => ({ figure }),
      (error: unknown) => ({ failure: String(error) }),
    )
    process.send?.(told)
  })
  process.on('disconnect', () => process.exit(0))
  process.send(ready)
}
