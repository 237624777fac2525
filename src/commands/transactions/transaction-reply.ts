import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import { acceptedReply } from '../actor/accepted-reply.ts'
import type { CommandAccepted } from '../command.ts'

/** What a transaction did to one of its participants. */
export interface Share {
  aggregate: string
  id: string
  /** As it is after the transaction. */
  version: number
  sequence: number
  /** Its events of this transaction. */
  events: readonly CloudEvent[]
}

/**
 * The reply to a transaction: that of the aggregate it was addressed to, or, when nothing happened to that one, of the first
 * role to which something did. Its events come first, then those of the others.
 *
 * @param shares in the order of the roles
 */
export function transactionReply(
  stream: string,
  shares: readonly [Share, ...Share[]],
  addressed: { aggregate: string; id: string },
  duplicate: boolean,
): CommandAccepted {
  const isAddressed = ({ aggregate, id }: Share) => aggregate === addressed.aggregate && id === addressed.id
  const touched = shares.filter(({ events }) => events.length > 0)
  const lead = touched.find(isAddressed) ?? touched[0] ?? shares.find(isAddressed) ?? shares[0]
  const { aggregate, id, version, sequence } = lead
  return acceptedReply({
    stream,
    aggregate,
    id,
    version: lead.events.at(-1)?.sequence ?? version,
    sequence,
    events: [lead, ...touched.filter((share) => share !== lead)].flatMap(({ events }) => events),
    duplicate,
  })
}
