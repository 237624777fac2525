import type { NatsConnection } from '@nats-io/nats-core'
import type { Actors } from '../../commands/actors.ts'
import type { CommandReply } from '../../commands/command.ts'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import type { CloudEvent } from '../../streams/cloud-event.ts'
import { type Commit, decodeCommit } from '../../streams/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { EventLog } from '../../streams/event-log.ts'
import type { Logger } from '../../streams/logger.ts'
import { openSharedConsumer } from '../../streams/shared-consumer.ts'
import { eventSubject, eventSubjects } from '../../streams/subjects.ts'
import type { Saga } from '../define-saga.ts'
import type { Outcome, Timer } from '../machine/commands.ts'
import { sagaEvents } from '../machine/events.ts'
import type { SagaEnds } from './ends.ts'
import { perform } from './perform.ts'
import { type SettledSteps, settledAfter } from './settled.ts'
import type { SagaName, Timers } from './timers.ts'

export interface SagaSettings {
  /** What a process that is gone had in work, others go on with after this, in milliseconds. */
  takeOverMs: number
  /** The most transitions of a saga's instances that all replicas may have in work at a time. */
  maxInWork: number
}

export interface StartSagaOptions {
  nc: NatsConnection
  namespace: string
  log: EventLog
  actors: Pick<Actors, 'submit'>
  /** @param timeoutMs how long a command may take */
  senderFor: (timeoutMs: number) => CommandSender
  timers: Timers
  ends: SagaEnds
  settings: SagaSettings
  logger: Logger
}

export interface RunningSaga {
  /** Takes nothing new, finishes what is in work, at most for `graceMs`. */
  stop(graceMs: number): Promise<void>
}

const STEP_TIMEOUT_MS = 10_000

/** The saga's actor did not take what it was told: it is told again, here or elsewhere. */
class NotRecordedError extends HeadwaterError {}

/**
 * Does what the transitions of a saga's instances announce: sends the commands of steps and compensations, sets timers, and
 * tells the instance how it came off. All replicas share the work; what one of them leaves, another goes on with.
 */
export async function startSaga(saga: Saga, options: StartSagaOptions): Promise<RunningSaga> {
  const { nc, namespace, log, actors, senderFor, timers, ends, settings, logger } = options
  const { name } = saga
  const limits = { ackWaitMs: settings.takeOverMs, maxInWork: settings.maxInWork }
  const onError = (error: unknown, what: string) => logger.warn({ err: error, saga: name }, what)

  async function handleCommit(commit: Commit, isAgain: boolean): Promise<void> {
    const settled = isAgain ? await settledAfter(commit, { log, namespace }) : undefined
    const whose = { saga: name, id: commit.id }
    // All of them, whatever becomes of one: the commit comes again, and nothing of it may be in work here then.
    const results = await Promise.allSettled(commit.events.map((event) => act(whose, event, settled)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  /** Each announcement is acted on again until somebody has told what came of it. */
  async function act(whose: SagaName, event: CloudEvent, settled: SettledSteps | undefined): Promise<void> {
    switch (event.type) {
      case 'saga.started': {
        const { deadline } = sagaEvents[event.type].parse(event.data)
        if (deadline !== undefined) await timers.set(whose, { timer: 'deadline' }, deadline)
        return
      }
      case 'saga.step-started': {
        const { step, attempt, commands, timeoutMs } = sagaEvents[event.type].parse(event.data)
        if (commands.length === 0 || settled?.has('forth', step, attempt)) return
        const outcome = await perform({
          sender: senderFor(timeoutMs ?? STEP_TIMEOUT_MS),
          commands,
          key: `${whose.saga}.${whose.id}.${step}`,
          correlationId: event.correlationid,
          causationId: event.id,
          ignore: [],
        })
        return await tell(whose, event, 'record', { step, attempt, way: 'forth', outcome }, outcome.kind)
      }
      case 'saga.compensation-started': {
        const { step, attempt, commands, ignore = [] } = sagaEvents[event.type].parse(event.data)
        if (commands.length === 0 || settled?.has('back', step, attempt)) return
        const outcome: Outcome = await perform({
          sender: senderFor(STEP_TIMEOUT_MS),
          commands,
          key: `${whose.saga}.${whose.id}.${step}.undo`,
          correlationId: event.correlationid,
          causationId: event.id,
          ignore,
        })
        return await tell(whose, event, 'record', { step, attempt, way: 'back', outcome }, outcome.kind)
      }
      case 'saga.step-waiting': {
        const { step, until } = sagaEvents[event.type].parse(event.data)
        if (until !== undefined) await timers.set(whose, { timer: 'wait', step }, until)
        return
      }
      case 'saga.step-failed':
      case 'saga.compensation-failed': {
        const { step, attempt, retryAt } = sagaEvents[event.type].parse(event.data)
        const way = event.type === 'saga.step-failed' ? 'forth' : 'back'
        if (retryAt !== undefined) await timers.set(whose, { timer: 'retry', step, attempt, way }, retryAt)
        return
      }
      case 'saga.parked': {
        const { code, step, failure } = sagaEvents[event.type].parse(event.data)
        logger.error(
          { ...whose, code, step, failure, alert: true },
          `the saga ${whose.saga} ${whose.id} is parked: headwater sagas show ${whose.id}`,
        )
        return ends.tell(whose)
      }
      case 'saga.completed':
      case 'saga.compensated':
      case 'saga.abandoned': {
        ends.tell(whose)
        if (saga.hasDeadline) await timers.cancelDeadline(whose)
      }
    }
  }

  /** What happens in the saga's own log is said to its actor, as any command; but it cannot be sent from outside. */
  async function tell(
    whose: SagaName,
    cause: Pick<CloudEvent, 'id' | 'correlationid' | 'traceparent'>,
    command: 'record' | 'wake',
    data: unknown,
    told: string,
  ): Promise<void> {
    const reply = await new Promise<CommandReply>((resolve) =>
      actors.submit(
        {
          aggregate: whose.saga,
          id: whose.id,
          name: command,
          data,
          bytes: 0,
          // The same is told once; what two who were at it say of it may differ.
          commandId: `${cause.id}.${command}.${told}`,
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

  async function wake(whose: SagaName, timer: Timer): Promise<void> {
    const subject = eventSubject(namespace, whose.saga, whose.id)
    const cause = (await log.read.last(subject))?.events.at(-1)
    // The log of a saga is never deleted: a timer without one is of a stream that was made anew. Or a replica lags behind.
    if (!cause && (await log.leaderSequence(subject)) > 0) throw new Error(`${subject} cannot be read yet`)
    if (cause) await tell(whose, cause, 'wake', timer, JSON.stringify(timer))
  }

  const commits = await openSharedConsumer({
    nc,
    stream: log.stream,
    name: `${namespace}-saga-${name}`,
    subject: eventSubjects(namespace, name),
    ...limits,
    onError,
    handle: (message, isAgain) => handleCommit(decodeCommit(log.stream, message), isAgain),
  })
  const due = await timers.listen(name, wake, limits)
  logger.info({ saga: name, version: saga.version }, 'the saga runs')
  return {
    async stop(graceMs) {
      await Promise.all([commits.stop(graceMs), due.stop(graceMs)])
    },
  }
}
