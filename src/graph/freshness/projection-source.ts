import type { ProjectionDefinition } from '../../projections/definition/definition.ts'

/** What the graph needs to know of a projection to tell whether its rows are fresh enough. */
export type ProjectionSource = Pick<ProjectionDefinition, 'name' | 'from'>

/**
 * Answers the streams that a projection reads.
 * @param streams the stream of each aggregate that is served here, by the aggregate's name
 */
export function streamsOfProjections(
  streams: ReadonlyMap<string, string>,
): (projection: ProjectionSource) => readonly string[] {
  const known = new WeakMap<ProjectionSource, readonly string[]>()
  return (projection) => {
    const found = known.get(projection) ?? [
      ...new Set(projection.from.flatMap(({ name }) => streams.get(name) ?? [])),
    ]
    known.set(projection, found)
    return found
  }
}
