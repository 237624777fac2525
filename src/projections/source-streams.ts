import type { EventLog } from '../streams/event-log.ts'
import type { EventSource } from '../streams/recorded-event.ts'
import { eventSubjects } from '../streams/subjects.ts'
import type { ProjectionDefinition } from './definition.ts'

/** One of the streams that a projection reads, and what of it. */
export interface SourceStream {
  log: EventLog
  subjects: string[]
  /** The aggregate types that it reads there. */
  aggregates: string[]
}

/** The streams of a projection's sources, each once. Throws a TypeError when a source has no log. */
export function sourceStreams(
  { name, from }: Pick<ProjectionDefinition, 'name' | 'from'>,
  logs: ReadonlyMap<string, EventLog>,
  namespace: string,
): SourceStream[] {
  const streams = new Map<string, SourceStream>()
  for (const source of from) {
    const log = logs.get(source.name)
    if (!log) throw new TypeError(`The projection ${name} reads ${source.name}, which no context here serves`)
    const stream = streams.get(log.stream) ?? { log, subjects: [], aggregates: [] }
    streams.set(log.stream, stream)
    const subject = eventSubjects(namespace, source.name)
    if (stream.aggregates.includes(source.name)) continue
    stream.subjects.push(subject)
    stream.aggregates.push(source.name)
  }
  return [...streams.values()]
}

/** The sources by name, for decoding. */
export function sourcesByName({ from }: ProjectionDefinition): ReadonlyMap<string, EventSource> {
  return new Map(from.map((source) => [source.name, source]))
}
