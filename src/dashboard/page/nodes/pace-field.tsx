const PACES = [
  { value: '', name: "the server's own" },
  { value: '0.02', name: 'slow: 2 % of its time' },
  { value: '0.1', name: 'gentle: 10 %' },
  { value: '0.5', name: 'brisk: 50 %' },
  { value: '1', name: 'at once: all of it' },
]

/** How much of the serving thread's time the moving may take. */
export function PaceField({ onChange }: { onChange(pace: number | undefined): void }) {
  return (
    <label class="field">
      <span>Pace</span>
      <select
        onChange={({ currentTarget: { value } }) =>
          onChange(value === '' ? undefined : Number(value))
        }
      >
        {PACES.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
