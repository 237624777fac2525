import type { EventLog } from '../streams/log/event-log.ts'
import type { Snapshots } from '../streams/snapshots.ts'
import { eventSubject } from '../streams/events/subjects.ts'
import { Actor } from './actor/actor.ts'
import type { ActorSettings } from './actor/actor-context.ts'
import { InFlight, type InFlightSettings } from './actor/in-flight.ts'
import type { Command, CommandReply } from './command.ts'
import { Residents, type ResidentsSettings } from './actor/residents.ts'
import { type ConsultSettings, createConsultations } from './actor/consult.ts'
import type { Aggregate } from './definition/define-aggregate.ts'
import type { Transactions } from './definition/define-transaction.ts'
import { overloaded } from './problem.ts'
import { createSnapshotWriter } from './actor/snapshot-writer.ts'
import { Coordinators } from './transactions/coordinators.ts'

/** Where an aggregate type is at home. */
export interface AggregateHome {
  aggregate: Aggregate
  /** The name of its context. */
  context: string
  log: EventLog
  /** The commands over several aggregates that are addressed to it, by name. */
  transactions?: Transactions
}

export interface ActorsSettings extends ActorSettings, ConsultSettings, InFlightSettings, ResidentsSettings {
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
  const residents = new Residents(settings)
  const writer = createSnapshotWriter({ snapshots, onError })
  const consultations = createConsultations(settings, onError)
  const inFlight = new InFlight(settings)

  /** The actor of an aggregate, and what to call when it has nothing to do any more. */
  function actorOf(key: string, id: string, { aggregate, context, log }: AggregateHome) {
    const actor = residents.take(
      key,
      () =>
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
        }),
    )
    return { actor, onIdle: residents.whenIdle(key, actor) }
  }

  function homeOf(aggregate: string): AggregateHome {
    const home = homes.get(aggregate)
    if (!home) throw new TypeError(`No aggregate ${aggregate} is at home here`)
    return home
  }

  const coordinators = new Coordinators({
    borrow: ({ key, aggregate, id }) => {
      const { actor, onIdle } = actorOf(key, id, homeOf(aggregate.name))
      return actor.borrow(onIdle)
    },
    settings,
    onError,
  })

  function hand(command: Command, home: AggregateHome, done: (reply: CommandReply) => void): void {
    const transaction = home.transactions?.get(command.name)
    if (transaction) return coordinators.submit(transaction, home.log, command, done)
    const key = `${command.aggregate}.${command.id}`
    const { actor, onIdle } = actorOf(key, command.id, home)
    if (actor.submit(command, done, onIdle)) return
    done(overloaded('MAILBOX_FULL', `${settings.mailboxLimit} commands wait for ${key} already`))
  }

  return {
    submit(command, answer) {
      const home = homeOf(command.aggregate)
      const refusal = inFlight.enter(command)
      if (refusal) answer(refusal)
      else hand(command, home, (reply) => inFlight.leave(command, () => answer(reply)))
    },
    get inFlight() {
      return inFlight.count
    },
    get resident() {
      return residents.size
    },
    async drained() {
      residents.close()
      await inFlight.empty()
      await writer.flush()
    },
  }
}
