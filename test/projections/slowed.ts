import type { FoldProjection } from '../../src/projections/definition/definition.ts'

/** The same projection, which takes its time for each event, and counts them: so that something can happen meanwhile. */
export function slowed(projection: FoldProjection, microseconds: number) {
  const counted = { events: 0 }
  const definition: FoldProjection = {
    ...projection,
    evolve(row, event) {
      counted.events++
      const until = performance.now() + microseconds / 1000
      while (performance.now() < until);
      return projection.evolve(row, event)
    },
  }
  return { definition, counted }
}
