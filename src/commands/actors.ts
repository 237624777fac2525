import { LRUCache } from 'lru-cache'
import type { EventLog } from '../streams/event-log.ts'
import type { Snapshots } from '../streams/snapshots.ts'
import { eventSubject } from '../streams/subjects.ts'
import { Actor, type ActorSettings } from './actor.ts'
import type { Command, CommandReply } from './command.ts'
import type { Aggregate } from './define-aggregate.ts'
import { problem } from './problem.ts'
import { createSnapshotWriter } from './snapshot-writer.ts'

/** Where an aggregate type is at home. */
export interface AggregateHome {
  aggregate: Aggregate
  /** The name of its context. */
  context: string
  log: EventLog
}

export interface ActorsSettings extends ActorSettings {
  /** How many idle aggregates stay in memory. */
  actors: number
  /** An aggregate without a command for this long is passivated, in milliseconds. */
  idleMs: number
  /** How many commands may be in work at the same time. */
  inFlightLimit: number
  /** How long command ids are remembered, in milliseconds. */
  idempotencyWindowMs: number
}

export interface ActorsOptions {
  namespace: string
  homes: ReadonlyMap<string, AggregateHome>
  snapshots: Snapshots
  settings: ActorsSettings
  onError: (error: unknown, what: string) => void
}

/** All actors of a process: finds or activates the one a command is for, and bounds what is in work and in memory. */
export interface Actors {
  /** Hands a command to its actor. Answers it exactly once, at once with 503 when there is no room. */
  submit(command: Command, answer: (reply: CommandReply) => void): void
  /** Commands that are in work. */
  readonly inFlight: number
  /** Aggregates in memory. */
  readonly resident: number
  /** Resolves when no command is in work any more, and the snapshots that were due are written. */
  drained(): Promise<void>
}

export function createActors({ namespace, homes, snapshots, settings, onError }: ActorsOptions): Actors {
  // Only idle actors can be evicted: one with commands in its mailbox stays until it has answered them.
  const busy = new Map<string, Actor>()
  const idle = new LRUCache<string, Actor>({ max: settings.actors, ttl: settings.idleMs })
  const passivation = setInterval(() => idle.purgeStale(), Math.min(settings.idleMs, 60_000)).unref()
  const writer = createSnapshotWriter({ snapshots, onError })
  let inFlight = 0
  let whenEmpty: (() => void) | undefined

  function actorOf(key: string, command: Command, home: AggregateHome): Actor {
    const known = busy.get(key) ?? idle.get(key)
    idle.delete(key)
    const { aggregate, context, log } = home
    const actor =
      known ??
      new Actor({
        subject: eventSubject(namespace, aggregate.name, command.id),
        id: command.id,
        source: `/${namespace}/${context}/${aggregate.name}`,
        aggregate,
        log,
        snapshots,
        idempotencyWindowMs: settings.idempotencyWindowMs,
        settings,
        onError,
        onSnapshotDue: (loaded) => writer.schedule(aggregate, command.id, log, loaded),
      })
    busy.set(key, actor)
    return actor
  }

  return {
    submit(command, answer) {
      const home = homes.get(command.aggregate)
      if (!home) throw new TypeError(`No aggregate ${command.aggregate} is at home here`)
      if (inFlight >= settings.inFlightLimit) {
        answer(overloaded('OVERLOADED', `${settings.inFlightLimit} commands are in work already`))
        return
      }
      const key = `${command.aggregate}.${command.id}`
      const actor = actorOf(key, command, home)
      inFlight++
      const done = (reply: CommandReply) => {
        inFlight--
        answer(reply)
        if (inFlight === 0) whenEmpty?.()
      }
      const taken = actor.submit(command, done, () => {
        if (!actor.idle) return
        busy.delete(key)
        idle.set(key, actor)
      })
      if (!taken) {
        done(overloaded('MAILBOX_FULL', `${settings.mailboxLimit} commands wait for ${key} already`))
      }
    },
    get inFlight() {
      return inFlight
    },
    get resident() {
      return busy.size + idle.size
    },
    async drained() {
      clearInterval(passivation)
      if (inFlight > 0) await new Promise<void>((resolve) => (whenEmpty = resolve))
      await writer.flush()
    },
  }
}

function overloaded(code: string, what: string): CommandReply {
  return problem({
    status: 503,
    code,
    detail: `${what}; send the command again in a moment`,
    retryAfterMs: 200,
  })
}
