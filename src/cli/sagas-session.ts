import { SAGAS } from '../runtime/define-context.ts'
import { streamName } from '../runtime/kernel.ts'
import { SagaAmbiguousError, SagaNotFoundError } from '../runtime/sagas/errors.ts'
import { HeadwaterError } from '../streams/errors.ts'
import type { EventLog } from '../streams/log/event-log.ts'
import { eventSubject } from '../streams/events/subjects.ts'
import { logsOf } from './home.ts'
import { type Session, withSession } from './session.ts'

/** One saga, and where its log is. */
export interface FoundSaga {
  name: string
  id: string
  log: EventLog
  subject: string
}

/**
 * Connects to the NATS system of the service and looks for a saga there; PostgreSQL is not asked.
 * @param name may be left out when sagas of one name alone have the id
 * @throws SagaNotFoundError, SagaAmbiguousError, InvalidIdError; UNKNOWN_SAGA for a name that no saga has
 */
export async function withSaga<T>(
  id: string,
  name: string | undefined,
  work: (saga: FoundSaga, session: Session) => Promise<T>,
): Promise<T> {
  return await withSession(async (session) => {
    const { config } = session
    const stream = streamName(SAGAS, config)
    const logs = [...(await logsOf(session))].filter(([, log]) => log.stream === stream)
    const candidates = logs.filter(([known]) => name === undefined || known === name)
    if (candidates.length === 0) throw unknownSaga(name, logs)
    const found = await Promise.all(
      candidates.map(async ([known, log]): Promise<FoundSaga[]> => {
        const subject = eventSubject(config.namespace, known, id)
        return (await log.read.last(subject)) ? [{ name: known, id, log, subject }] : []
      }),
    )
    const [saga, another] = found.flat()
    if (!saga) throw new SagaNotFoundError(id)
    if (another)
      throw new SagaAmbiguousError(
        id,
        found.flat().map((one) => one.name),
      )
    return await work(saga, session)
  })
}

function unknownSaga(name: string | undefined, logs: [string, EventLog][]): HeadwaterError {
  const names = logs.map(([known]) => known).join(', ') || 'none'
  return new HeadwaterError({
    code: 'UNKNOWN_SAGA',
    status: 404,
    detail:
      name === undefined
        ? 'No service with sagas has run on this NATS system and namespace'
        : `There is no saga ${JSON.stringify(name)}; there are ${names}`,
  })
}
