import type { AddressedCommand } from '../../commands/definition/command-to.ts'
import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { Commit } from '../../streams/events/commit.ts'
import type { Timer } from '../machine/commands.ts'
import { type Failure, sagaEvents } from '../machine/events.ts'

/** What an event of a saga announces: what is to be done now that it is in the log. */
export type Announcement =
  | { kind: 'timer'; timer: Timer; at: string }
  | {
      kind: 'commands'
      way: 'forth' | 'back'
      step: string
      attempt: number
      commands: readonly AddressedCommand[]
      /** How long they may take, in milliseconds. */
      timeoutMs: number
      /** Codes of refusals that mean: there is nothing to do. */
      ignore: readonly string[]
    }
  | { kind: 'parked'; code: string; step: string; failure: Failure }
  | { kind: 'ended' }
  /** This release cannot tell: a later one has written it, and acts on it. */
  | { kind: 'unknown' }

/** A commit of a saga, with what its events announce, in their order. */
export interface AnnouncingCommit {
  commit: Commit
  announced: readonly { event: CloudEvent; announcement: Announcement }[]
}

const STEP_TIMEOUT_MS = 10_000
/** Of the data of all events of sagas. */
const SCHEMA_VERSION = 1

/**
 * What a commit of a saga's log announces.
 * @throws ZodError when another program has written it
 */
export function announcementsOf(commit: Commit): AnnouncingCommit {
  const announced = commit.events.flatMap((event) => {
    const announcement = announcedBy(event)
    return announcement ? [{ event, announcement }] : []
  })
  return { commit, announced }
}

function announcedBy({ type, data, dataversion }: CloudEvent): Announcement | undefined {
  if (dataversion > SCHEMA_VERSION) return { kind: 'unknown' }
  switch (type) {
    case 'saga.started': {
      const { deadline } = sagaEvents[type].parse(data)
      return timerAt({ timer: 'deadline' }, deadline)
    }
    case 'saga.step-started': {
      const { step, attempt, commands, timeoutMs = STEP_TIMEOUT_MS } = sagaEvents[type].parse(data)
      // A step that sends nothing has succeeded in the same commit.
      if (commands.length === 0) return undefined
      return { kind: 'commands', way: 'forth', step, attempt, commands, timeoutMs, ignore: [] }
    }
    case 'saga.compensation-started': {
      const { step, attempt, commands, ignore = [] } = sagaEvents[type].parse(data)
      if (commands.length === 0) return undefined
      return { kind: 'commands', way: 'back', step, attempt, commands, timeoutMs: STEP_TIMEOUT_MS, ignore }
    }
    case 'saga.step-waiting': {
      const { step, until } = sagaEvents[type].parse(data)
      return timerAt({ timer: 'wait', step }, until)
    }
    case 'saga.step-failed':
    case 'saga.compensation-failed': {
      const { step, attempt, retryAt } = sagaEvents[type].parse(data)
      const way = type === 'saga.step-failed' ? 'forth' : 'back'
      return timerAt({ timer: 'retry', step, attempt, way }, retryAt)
    }
    case 'saga.parked':
      return { kind: 'parked', ...sagaEvents[type].parse(data) }
    case 'saga.completed':
    case 'saga.compensated':
    case 'saga.abandoned':
      return { kind: 'ended' }
    default:
      return undefined
  }
}

function timerAt(timer: Timer, at: string | undefined): Announcement | undefined {
  return at === undefined ? undefined : { kind: 'timer', timer, at }
}
