import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { HeadwaterError } from './errors.ts'

export interface StreamSpec {
  name: string
  subjects: string[]
  replicas: number
  storage: 'file' | 'memory'
  /** How long the server remembers a `Nats-Msg-Id`, in milliseconds; it costs about 250 bytes of memory an id. */
  duplicateWindowMs: number
}

/** One setting of an existing stream that is not as it should be. */
export interface StreamDifference {
  key: string
  actual: unknown
  wanted: unknown
}

/** The stream exists with settings that NATS cannot change: somebody has to decide what to do with its data. */
export class StreamMismatchError extends HeadwaterError {
  readonly differences: StreamDifference[]
  constructor(name: string, differences: StreamDifference[], cause?: unknown) {
    super({
      code: 'STREAM_MISMATCH',
      status: 500,
      detail:
        `The stream ${name} exists with other settings that cannot be changed in place: ${describeDifferences(differences)}. ` +
        'Move its data to a stream with the wanted settings (nats stream backup / restore), or name another stream in the configuration ([streams.names])',
      cause,
    })
    this.differences = differences
  }
}

const STREAM_NOT_FOUND = 10059

/**
 * Sees to it that the stream exists as specified, and answers its info. A new stream is made; one that differs is
 * migrated where NATS allows it, after `report` was told every difference. Subjects are only ever added: a replica of
 * an older release that starts during a rolling deploy must not take the newer one's away.
 *
 * @throws StreamMismatchError when a difference cannot be migrated
 */
export async function provisionStream(
  jsm: JetStreamManager,
  spec: StreamSpec,
  report: (differences: StreamDifference[]) => void,
): Promise<StreamInfo> {
  const existing = (await findStream(jsm, spec.name)) ?? (await createStream(jsm, spec))
  const subjects = [...new Set([...existing.config.subjects, ...spec.subjects])]
  const wanted = streamConfig({ ...spec, subjects })
  const differences = compare(existing.config, wanted)
  if (differences.length === 0) return existing
  const fixed = differences.filter(
    ({ key }) => UNCHANGEABLE.has(key) || (key === 'num_replicas' && !isClustered(existing)),
  )
  if (fixed.length > 0) throw new StreamMismatchError(spec.name, fixed)
  report(differences)
  try {
    return await jsm.streams.update(spec.name, { ...existing.config, ...wanted })
  } catch (error) {
    throw new StreamMismatchError(spec.name, differences, error)
  }
}

export function describeDifferences(differences: StreamDifference[]): string {
  return differences
    .map(
      ({ key, actual, wanted }) => `${key} is ${JSON.stringify(actual)}, should be ${JSON.stringify(wanted)}`,
    )
    .join('; ')
}

const UNCHANGEABLE = new Set(['storage', 'retention'])

/**
 * A server without a cluster refuses to create a stream with replicas, but takes an update to it (2.14.0): at its next
 * start it then does not find the stream any more.
 */
const isClustered = ({ cluster }: StreamInfo) => Boolean(cluster?.name)

async function findStream(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name)
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined
    throw error
  }
}

async function createStream(jsm: JetStreamManager, spec: StreamSpec): Promise<StreamInfo> {
  try {
    return await jsm.streams.add(streamConfig(spec))
  } catch (error) {
    // Another replica, starting at the same moment, made it, perhaps one of another release: the caller compares.
    const existing = await findStream(jsm, spec.name)
    if (existing) return existing
    throw error
  }
}

/** A log keeps everything for ever and refuses what it has no room for; nobody takes anything out of it. */
function streamConfig({ name, subjects, replicas, storage, duplicateWindowMs }: StreamSpec) {
  return {
    name,
    subjects: subjects.toSorted(),
    num_replicas: replicas,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    duplicate_window: nanos(duplicateWindowMs),
    allow_direct: true,
    allow_atomic: true,
    deny_delete: true,
    deny_purge: true,
  } satisfies Partial<StreamConfig>
}

function compare(actual: StreamConfig, wanted: Partial<StreamConfig>): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual))
  found.set('subjects', actual.subjects.toSorted())
  return Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(found.get(key) ?? false) !== JSON.stringify(value))
    .map(([key, value]) => ({ key, actual: found.get(key) ?? null, wanted: value }))
}
