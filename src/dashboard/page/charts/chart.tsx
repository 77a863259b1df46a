import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'

interface Props {
  readonly data: uPlot.AlignedData
  /** Made anew whenever `look` changes: uPlot does not take new options. */
  options(width: number, height: number): uPlot.Options
  readonly look: string
  readonly label: string
}

/** A chart as large as its place. */
export function Chart({ data, options, look, label }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect
      setSize({ width: Math.floor(width), height: Math.floor(height) })
    })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  const isThere = size.width > 0 && size.height > 0
  useEffect(() => {
    const { current } = place
    if (current === null || !isThere) return
    const made = new uPlot(options(size.width, size.height), data, current)
    plot.current = made
    return () => {
      plot.current = null
      made.destroy()
    }
  }, [look, isThere])
  useEffect(() => {
    if (isThere) plot.current?.setSize(size)
  }, [size.width, size.height])
  useEffect(() => {
    plot.current?.setData(data)
  }, [data])
  return <div ref={place} class="chart" role="img" aria-label={label} />
}
