import {
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { provisioned } from './provisioned.ts'
import { type StreamDifference, StreamMismatchError, type StreamPurpose } from './stream-mismatch.ts'
import { isTransient } from '../waiting/transient.ts'

export interface EnsureStreamOptions {
  /** Settings that are not named stay as the server has them. */
  wanted: Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>
  purpose: StreamPurpose
  /** Hears of every difference before it is migrated. */
  report: (differences: StreamDifference[]) => void
  /** Whether the stream may hold a subject that is not among the wanted ones; it then keeps it. None, unless given. */
  mayHold?: (subject: string) => boolean
}

/** JSStreamNotFoundErr */
const STREAM_NOT_FOUND = 10059
const UNCHANGEABLE = new Set(['storage', 'retention'])

/**
 * Sees to it that a stream exists with the wanted settings, and answers its info. A new one is made; one that differs is migrated
 * where NATS allows it, after `report` was told every difference. A stream that holds other subjects is somebody else's, and is
 * left alone.
 *
 * @throws StreamMismatchError when it cannot be made so; LogUnavailableError when no answer comes
 */
export async function ensureStream(jsm: JetStreamManager, options: EnsureStreamOptions): Promise<StreamInfo> {
  return await provisioned(`the stream ${options.wanted.name}`, () => ensureOnce(jsm, options))
}

async function ensureOnce(
  jsm: JetStreamManager,
  { wanted, purpose, report, mayHold = () => false }: EnsureStreamOptions,
): Promise<StreamInfo> {
  const { name } = wanted
  const existing = (await findStream(jsm, name)) ?? (await createStream(jsm, wanted, purpose))
  const held = existing.config.subjects
  const isOurs = held.length > 0 && held.every((one) => wanted.subjects.includes(one) || mayHold(one))
  const subjects = [...new Set([...(isOurs ? held : []), ...wanted.subjects])].toSorted()
  const differences = compare(existing.config, { ...wanted, subjects })
  if (differences.length === 0) return existing
  const fixed = differences.filter(
    ({ key }) =>
      UNCHANGEABLE.has(key) ||
      (key === 'subjects' && !isOurs) ||
      (key === 'num_replicas' && !isClustered(existing)),
  )
  if (fixed.length > 0) throw new StreamMismatchError(purpose, name, fixed)
  report(differences)
  try {
    return await jsm.streams.update(name, { ...existing.config, ...wanted, subjects })
  } catch (error) {
    if (isTransient(error)) throw error
    throw new StreamMismatchError(purpose, name, differences, error)
  }
}

/**
 * A server without a cluster refuses to create a stream with replicas, but takes an update to it (2.14.0): at its next
 * start it then does not find the stream any more.
 */
export function isClustered({ cluster }: Pick<StreamInfo, 'cluster'>): boolean {
  return Boolean(cluster?.name)
}

/** Undefined where there is none of that name. */
export async function findStream(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name)
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined
    throw error
  }
}

async function createStream(
  jsm: JetStreamManager,
  wanted: EnsureStreamOptions['wanted'],
  purpose: StreamPurpose,
): Promise<StreamInfo> {
  try {
    // A copy: the client writes into what it is given.
    return await jsm.streams.add({ ...wanted })
  } catch (error) {
    // Another replica, starting at the same moment, made it, perhaps one of another release: the caller compares.
    const existing = await findStream(jsm, wanted.name)
    if (existing) return existing
    if (isTransient(error)) throw error
    throw new StreamMismatchError(purpose, wanted.name, [], error)
  }
}

function compare(actual: StreamConfig, wanted: Partial<StreamConfig>): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual))
  found.set('subjects', actual.subjects.toSorted())
  return Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(found.get(key) ?? false) !== JSON.stringify(value))
    .map(([key, value]) => ({ key, actual: found.get(key) ?? null, wanted: value }))
}
