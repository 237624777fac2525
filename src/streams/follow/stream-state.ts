import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream'
import { retried } from '../log/lookup.ts'
import type { SourceState } from './source.ts'

/** What a stream says of itself now. Throws LogUnavailableError. */
export async function streamState(jsm: JetStreamManager, stream: string): Promise<SourceState> {
  return stateOf(await retried(() => jsm.streams.info(stream)))
}

/** What its info says. */
export function stateOf({ created, state }: StreamInfo): SourceState {
  return { created, first: state.first_seq, last: state.last_seq }
}
