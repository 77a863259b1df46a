import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'

/** The dashboard. */
export function showDashboard(x: HomeExchange): Promise<void> {
  refuseBody(x)
  return x.service.site.page(x, 'index.html')
}

/** The reference of the API, to read and to try. */
export function showReference(x: HomeExchange): Promise<void> {
  refuseBody(x)
  return x.service.site.page(x, 'docs.html')
}

/** A script or style of a page. */
export function sendAsset(x: HomeExchange, name: string): Promise<void> {
  refuseBody(x)
  return x.service.site.asset(x, name)
}
