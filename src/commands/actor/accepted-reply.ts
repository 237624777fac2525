import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { CommandAccepted } from '../command.ts'

/** What was stored for a command, or had been when it came for the first time. */
export interface Stored {
  stream: string
  aggregate: string
  id: string
  /** The aggregate's version after the command. */
  version: number
  /** Of the commit; 0 when the aggregate has none. */
  sequence: number
  events: readonly CloudEvent[]
  duplicate: boolean
}

/** The reply to a command that was accepted. */
export function acceptedReply({ stream, sequence, events, duplicate, ...about }: Stored): CommandAccepted {
  return {
    ok: true,
    aggregate: about.aggregate,
    id: about.id,
    version: about.version,
    position: { stream, sequence },
    events: events.map(({ id, type, sequence: version, time }) => ({ id, type, version, time })),
    duplicate,
  }
}
