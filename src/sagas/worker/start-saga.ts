import type { NatsConnection } from '@nats-io/nats-core'
import { decodeCommit } from '../../streams/events/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { openSharedConsumer } from '../../streams/shared-consumer.ts'
import { eventSubject, eventSubjects } from '../../streams/events/subjects.ts'
import type { Saga } from '../define-saga.ts'
import { versionUnknown } from '../machine/version-unknown.ts'
import { type Means, act } from './act.ts'
import { type AnnouncingCommit, announcementsOf } from './announcement.ts'
import { settledAfter } from './settled.ts'
import { tellSaga } from './tell-saga.ts'
import { type DueTimer, type SagaName, inAWhile } from './timers.ts'

export interface SagaSettings {
  /** What a process that is gone had in work, others go on with after this, in milliseconds. */
  takeOverMs: number
  /** The most transitions of a saga's instances that all replicas may have in work at a time. */
  maxInWork: number
}

export interface StartSagaOptions extends Means {
  nc: NatsConnection
  namespace: string
  log: EventLog
  settings: SagaSettings
}

export interface RunningSaga {
  /** Takes nothing new, finishes what is in work, at most for `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/**
 * Does what the transitions of a saga's instances announce: sends the commands of steps and compensations, sets timers, and
 * tells the instance how it came off. All replicas share the work; what one of them leaves, another goes on with.
 */
export async function startSaga(saga: Saga, options: StartSagaOptions): Promise<RunningSaga> {
  const { nc, namespace, log, actors, timers, settings, logger } = options
  const { name } = saga
  const limits = { ackWaitMs: settings.takeOverMs, maxInWork: settings.maxInWork }

  async function handleCommit({ commit, announced }: AnnouncingCommit, isAgain: boolean): Promise<void> {
    const { id, position } = commit
    const whose = { saga: name, id }
    const settled = isAgain ? await settledAfter(commit, { log, namespace }) : undefined
    // Its commands would be sent until somebody can record what comes of them: past the time that aggregates know ids for.
    if (settled?.version !== undefined && !saga.plans.has(settled.version))
      throw new HeadwaterError(versionUnknown(name, id, settled.version))
    // All of them, whatever becomes of one: the commit comes again, and nothing of it may be in work here then.
    const results = await Promise.allSettled(
      announced.map((one) => act(options, { saga, whose, position, settled, ...one })),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  async function handleTimer(whose: SagaName, timer: DueTimer): Promise<void> {
    if (timer.timer === 'commit') {
      const commit = await log.read.at(timer.sequence)
      if (commit?.aggregate === name && commit.id === whose.id)
        await handleCommit(announcementsOf(commit), true)
      return
    }
    const subject = eventSubject(namespace, name, whose.id)
    const cause = (await log.read.last(subject))?.events.at(-1)
    // The log of a saga is never deleted: a timer without one is of a stream that was made anew. Or a replica lags behind.
    if (!cause && (await log.leaderSequence(subject)) > 0) throw new Error(`${subject} cannot be read yet`)
    if (cause)
      await tellSaga(actors, whose, { cause, command: 'wake', data: timer, key: JSON.stringify(timer) })
  }

  const commits = await openSharedConsumer({
    nc,
    stream: log.stream,
    name: `${namespace}-saga-${name}`,
    subject: eventSubjects(namespace, name),
    ...limits,
    read: (message) => announcementsOf(decodeCommit(log.stream, message)),
    handle: handleCommit,
    putOff: ({ commit: { id, position } }) =>
      timers.set({ saga: name, id }, { timer: 'commit', sequence: position.sequence }, inAWhile()),
    logger,
  })
  const due = await timers.listen(name, handleTimer, limits)
  logger.info({ saga: name, version: saga.version }, 'the saga runs')
  return {
    async stop(graceMs) {
      await Promise.all([commits.stop(graceMs), due.stop(graceMs)])
    },
  }
}
