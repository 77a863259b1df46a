import { packageVersion } from '../../version.js'
import { sendText } from '../answer.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import type { Prometheus } from '../metrics/prometheus.js'
import { refuseQuery } from '../query.js'

/** The library is loaded when somebody asks for the first time: a server without a scraper needs none. */
const exporters = new WeakMap<object, Promise<Prometheus>>()

/** All that is counted, in Prometheus' text format. */
export async function sendMetrics(x: HomeExchange): Promise<void> {
  refuseQuery(x.search)
  refuseBody(x)
  const prometheus = await exporterOf(x)
  sendText(x.res, 200, prometheus.contentType, await prometheus.text(), [])
}

function exporterOf({ service: { monitor } }: HomeExchange): Promise<Prometheus> {
  const known = exporters.get(monitor)
  if (known !== undefined) return known
  const made = import('../metrics/prometheus.js').then(
    ({ Prometheus }) => new Prometheus(() => monitor.snapshot(), packageVersion()),
  )
  exporters.set(monitor, made)
  made.catch(() => exporters.delete(monitor)) // the next one tries again
  return made
}
