import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream'
import { type LookupOptions, leaderNextOf, retried } from '../log/lookup.ts'
import type { SourceState } from './source.ts'

/** What a stream says of itself now. Throws LogUnavailableError. */
export async function streamState(jsm: JetStreamManager, stream: string): Promise<SourceState> {
  return stateOf(await retried(() => jsm.streams.info(stream)))
}

/** What its info says. */
export function stateOf({ created, state }: StreamInfo): SourceState {
  return { created, first: state.first_seq, last: state.last_seq }
}

/**
 * Where the first message of some subjects stands behind a sequence, as the leader has it; undefined when there is none. A request
 * for each subject. Throws LogUnavailableError.
 */
export async function nextOf(
  lookup: LookupOptions,
  subjects: readonly string[],
  after: number,
): Promise<number | undefined> {
  const found = await Promise.all(subjects.map((subject) => leaderNextOf(subject, after, lookup)))
  const sequences = found.flatMap((message) => (message ? [message.sequence] : []))
  return sequences.length > 0 ? Math.min(...sequences) : undefined
}
