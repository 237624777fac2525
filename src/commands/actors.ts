import { LRUCache } from 'lru-cache'
import type { EventLog } from '../streams/event-log.ts'
import type { Snapshots } from '../streams/snapshots.ts'
import { eventSubject } from '../streams/subjects.ts'
import { Actor } from './actor/actor.ts'
import type { ActorSettings } from './actor/actor-context.ts'
import type { Command, CommandReply } from './command.ts'
import { type ConsultSettings, createConsultations } from './actor/consult.ts'
import type { Aggregate } from './definition/define-aggregate.ts'
import type { Transaction, Transactions } from './definition/define-transaction.ts'
import { problem, problemOf } from './problem.ts'
import { createSnapshotWriter } from './actor/snapshot-writer.ts'
import { Coordinator } from './transactions/coordinator.ts'
import { participantsOf } from './transactions/participants-of.ts'

/** Where an aggregate type is at home. */
export interface AggregateHome {
  aggregate: Aggregate
  /** The name of its context. */
  context: string
  log: EventLog
  /** The commands over several aggregates that are addressed to it, by name. */
  transactions?: Transactions
}

export interface ActorsSettings extends ActorSettings, ConsultSettings {
  /** How many idle aggregates stay in memory. */
  actors: number
  /** An aggregate without a command for this long is passivated, in milliseconds. */
  idleMs: number
  /** How many commands may be in work at the same time. */
  inFlightLimit: number
  /** How long command ids are remembered, in milliseconds. */
  idempotencyWindowMs: number
  /** For how long a transaction is tried again while other replicas write first, in milliseconds. */
  timeoutMs: number
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
  const idle = new LRUCache<string, Actor>({
    max: settings.actors,
    ttl: settings.idleMs,
    dispose(actor, _, reason) {
      if (reason === 'evict' || reason === 'expire') actor.passivate()
    },
  })
  const passivation = setInterval(() => idle.purgeStale(), Math.min(settings.idleMs, 60_000)).unref()
  const writer = createSnapshotWriter({ snapshots, onError })
  const consultations = createConsultations(settings, onError)
  let inFlight = 0
  let whenEmpty: (() => void) | undefined

  function actorOf(key: string, id: string, { aggregate, context, log }: AggregateHome): Actor {
    const known = busy.get(key) ?? idle.get(key)
    idle.delete(key)
    const actor =
      known ??
      new Actor({
        subject: eventSubject(namespace, aggregate.name, id),
        id,
        source: `/${namespace}/${context}/${aggregate.name}`,
        aggregate,
        log,
        snapshots,
        idempotencyWindowMs: settings.idempotencyWindowMs,
        settings,
        consultations,
        onError,
        onSnapshotDue: (loaded) => writer.schedule(aggregate, id, log, loaded),
      })
    busy.set(key, actor)
    return actor
  }

  /** To be called when an actor has nothing to do any more. */
  const whenIdle = (key: string, actor: Actor) => () => {
    if (!actor.idle) return
    busy.delete(key)
    idle.set(key, actor)
  }

  // One a log: it alone holds several actors at a time.
  const coordinators = new Map<EventLog, Coordinator>()
  function coordinatorOf(log: EventLog): Coordinator {
    const coordinator =
      coordinators.get(log) ??
      new Coordinator({
        log,
        borrow: ({ key, aggregate, id }) => {
          const actor = actorOf(key, id, homeOf(aggregate.name))
          return actor.borrow(whenIdle(key, actor))
        },
        settings,
        onError,
      })
    coordinators.set(log, coordinator)
    return coordinator
  }

  function homeOf(aggregate: string): AggregateHome {
    const home = homes.get(aggregate)
    if (!home) throw new TypeError(`No aggregate ${aggregate} is at home here`)
    return home
  }

  function submitTransaction(
    transaction: Transaction,
    log: EventLog,
    command: Command,
    done: (reply: CommandReply) => void,
  ): void {
    try {
      const participants = participantsOf(transaction, command)
      const taken = coordinatorOf(log).submit({ command, transaction, participants, answer: done })
      if (!taken) {
        done(
          overloaded('MAILBOX_FULL', `${settings.mailboxLimit} transactions wait in ${log.stream} already`),
        )
      }
    } catch (error) {
      const reply = problemOf(error)
      if (reply.status === 500)
        onError(error, `the participants of ${command.aggregate}.${command.name} could not be told`)
      done(reply)
    }
  }

  return {
    submit(command, answer) {
      const home = homeOf(command.aggregate)
      if (inFlight >= settings.inFlightLimit) {
        answer(overloaded('OVERLOADED', `${settings.inFlightLimit} commands are in work already`))
        return
      }
      inFlight++
      const done = (reply: CommandReply) => {
        inFlight--
        answer(reply)
        if (inFlight === 0) whenEmpty?.()
      }
      const transaction = home.transactions?.get(command.name)
      if (transaction) {
        submitTransaction(transaction, home.log, command, done)
        return
      }
      const key = `${command.aggregate}.${command.id}`
      const actor = actorOf(key, command.id, home)
      if (!actor.submit(command, done, whenIdle(key, actor))) {
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
