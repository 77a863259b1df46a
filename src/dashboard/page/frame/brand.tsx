export function Brand() {
  return (
    <h1 class="brand">
      <svg viewBox="-10 -10 20 20" aria-hidden="true">
        <circle class="mark-a" r="7" pathLength="12" />
        <circle class="mark-b" r="7" pathLength="12" />
        <circle class="mark-c" r="7" pathLength="12" />
      </svg>
      Annulus
    </h1>
  )
}
