import { HeadwaterError } from '../streams/errors.ts'
import { type EventLog, findEventLogs } from '../streams/log/event-log.ts'
import type { Session } from './session.ts'

/** The logs of this NATS system and namespace, by aggregate type: whatever service made them. Nothing is made here. */
export async function logsOf({ nc, config }: Session): Promise<ReadonlyMap<string, EventLog>> {
  return await findEventLogs(nc, config.namespace)
}

/** The log that an aggregate type is in. Throws UNKNOWN_AGGREGATE and says which there are. */
export async function logOf(session: Session, aggregate: string): Promise<EventLog> {
  const all = await logsOf(session)
  const log = all.get(aggregate)
  if (log) return log
  throw new HeadwaterError({
    code: 'UNKNOWN_AGGREGATE',
    status: 404,
    detail: `There is no aggregate ${JSON.stringify(aggregate)}; there are ${[...all.keys()].join(', ') || 'none'}`,
  })
}
