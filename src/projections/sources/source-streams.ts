import type { EventLog } from '../../streams/log/event-log.ts'
import type { EventSource } from '../../streams/events/recorded-event.ts'
import { eventSubjects } from '../../streams/events/subjects.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'

/** One of the streams that a projection reads, and what of it. */
export interface SourceStream {
  log: EventLog
  subjects: string[]
  /** The aggregate types that it reads there. */
  aggregates: string[]
}

/** The streams of a projection's sources, each once. Throws a TypeError when a source has no log. */
export function sourceStreams(
  { name, from, family }: Pick<ProjectionDefinition, 'name' | 'from' | 'family'>,
  logs: ReadonlyMap<string, EventLog>,
  namespace: string,
): SourceStream[] {
  const streams = new Map<string, SourceStream>()
  for (const source of from) {
    const log = logs.get(source.name)
    if (!log) throw new TypeError(`The projection ${name} reads ${source.name}, which no context here serves`)
    const stream = streams.get(log.stream) ?? { log, subjects: [], aggregates: [] }
    streams.set(log.stream, stream)
    // A family has its stream to itself.
    const subject = eventSubjects(namespace, family === undefined ? source.name : '*')
    if (stream.aggregates.includes(source.name)) continue
    if (!stream.subjects.includes(subject)) stream.subjects.push(subject)
    stream.aggregates.push(source.name)
  }
  if (family !== undefined && streams.size > 1)
    throw new TypeError(`The family ${family} of the projection ${name} is not in one stream`)
  return [...streams.values()]
}

/** The source of an aggregate type, for decoding. */
export type SourcesByName = Pick<ReadonlyMap<string, EventSource>, 'get'>

export function sourcesByName({ from, family }: ProjectionDefinition): SourcesByName {
  const known = new Map(from.map((source) => [source.name, source]))
  if (family === undefined) return known
  // All of a family have the same events: any of them can read those of another.
  return { get: (name) => known.get(name) ?? from[0] }
}
