import type { Actors } from '../../commands/actors.ts'
import type { CommandReply } from '../../commands/command.ts'
import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { SagaName } from './timers.ts'

/** The saga's actor did not take what it was told: it is told again, here or elsewhere. */
class NotRecordedError extends HeadwaterError {}

/** What a saga is told. */
export interface Told {
  /** Of the event that it follows from. */
  cause: Pick<CloudEvent, 'id' | 'correlationid' | 'traceparent'>
  command: 'record' | 'wake'
  data: unknown
  /** The same is told once; what two who were at it say of it may differ. */
  key: string
}

/** Tells a saga's actor what has happened, as any command; but it cannot be sent from outside. Throws what the actor refuses it with. */
export async function tellSaga(
  actors: Pick<Actors, 'submit'>,
  { saga, id }: SagaName,
  { cause, command, data, key }: Told,
): Promise<void> {
  const reply = await new Promise<CommandReply>((resolve) =>
    actors.submit(
      {
        aggregate: saga,
        id,
        name: command,
        data,
        bytes: 0,
        commandId: `${cause.id}.${command}.${key}`,
        correlationId: cause.correlationid,
        causationId: cause.id,
        expectedVersion: undefined,
        time: new Date().toISOString(),
        traceparent: cause.traceparent,
      },
      resolve,
    ),
  )
  if (reply.ok) return
  const { status, code, detail } = reply
  throw new NotRecordedError({ status, code, detail })
}
