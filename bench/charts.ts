import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** What all charts have in common, so that they look like one set, on a light page and a dark one. */
const HOUSE_STYLE = {
  background: 'white',
  font: 'sans-serif',
  padding: 12,
  view: { stroke: null },
  axis: { gridColor: '#e8e8e8', domainColor: '#999', tickColor: '#999' },
} as const

/** Draws a Vega-Lite chart as SVG: neither a browser nor a canvas is needed. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const { spec: drawing } = compile(spec, { config: HOUSE_STYLE })
  const view = new View(parse(drawing), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
