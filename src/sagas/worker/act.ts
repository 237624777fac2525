import type { Actors } from '../../commands/actors.ts'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { Position } from '../../streams/events/commit.ts'
import { UnknownEventError } from '../../streams/events/event-types.ts'
import type { Logger } from '../../streams/logger.ts'
import type { Saga } from '../define-saga.ts'
import type { Announcement } from './announcement.ts'
import type { SagaEnds } from './ends.ts'
import { perform } from './perform.ts'
import type { SettledSteps } from './settled.ts'
import { tellSaga } from './tell-saga.ts'
import type { SagaName, Timers } from './timers.ts'

/** What is needed to do what a saga announces. */
export interface Means {
  actors: Pick<Actors, 'submit'>
  /** @param timeoutMs how long a command may take */
  senderFor: (timeoutMs: number) => CommandSender
  timers: Timers
  ends: SagaEnds
  logger: Logger
}

export interface Announced {
  saga: Pick<Saga, 'hasDeadline'>
  whose: SagaName
  event: CloudEvent
  /** Where the event stands. */
  position: Position
  announcement: Announcement
  /** What is known to be done already, where somebody may have acted on it before. */
  settled: SettledSteps | undefined
}

/** Does what a saga has announced, once more until somebody has told what came of it. */
export async function act(
  means: Means,
  { saga, whose, event, position, announcement, settled }: Announced,
): Promise<void> {
  const { actors, senderFor, timers, ends, logger } = means
  switch (announcement.kind) {
    case 'unknown':
      throw new UnknownEventError(event, position, 'is newer than this release')
    case 'timer':
      return await timers.set(whose, announcement.timer, announcement.at)
    case 'commands': {
      const { way, step, attempt, commands, timeoutMs, ignore } = announcement
      if (settled?.has(way, step, attempt)) return
      const outcome = await perform({
        sender: senderFor(timeoutMs),
        commands,
        key: `${whose.saga}.${whose.id}.${step}${way === 'back' ? '.undo' : ''}`,
        correlationId: event.correlationid,
        causationId: event.id,
        ignore,
        isAgain: attempt > 1 || settled !== undefined,
      })
      const data = { step, attempt, way, outcome }
      return await tellSaga(actors, whose, { cause: event, command: 'record', data, key: outcome.kind })
    }
    case 'parked': {
      const { code, step, failure } = announcement
      logger.error(
        { ...whose, code, step, failure, alert: true },
        `the saga ${whose.saga} ${whose.id} is parked: headwater sagas show ${whose.id}`,
      )
      return ends.tell(whose)
    }
    case 'ended':
      ends.tell(whose)
      if (saga.hasDeadline) await timers.cancelDeadline(whose)
  }
}
