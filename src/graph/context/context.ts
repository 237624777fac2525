import type { Kysely } from 'kysely'
import type { CommandAccepted } from '../../commands/command.ts'
import type { CommandEnvelope, CommandSender } from '../../commands/client/command-sender.ts'
import { CommandRefusedError } from '../../commands/client/client.ts'
import type { AnyTables } from '../../projections/definition/definition.ts'
import type { ReadPrepared } from '../../projections/database/prepared.ts'
import type { Position } from '../../streams/events/commit.ts'
import type { HistoryReader } from '../history/history-reader.ts'
import type { Live } from '../live/live.ts'
import { type StartedHistory, logHistory } from '../history/history.ts'
import type { ProjectionOverview } from '../freshness/projection-overview.ts'
import type { ProjectionSource } from '../freshness/projection-source.ts'
import type { Reads } from '../freshness/reads.ts'
import type { SealedCursors } from '../reads/sealed-cursors.ts'

/** How an object is found by its type's name and its id, whichever graph it belongs to. */
export type EntityResolver = (id: string, context: GraphContext) => Promise<unknown>

/** What every resolver gets: one a request. */
export interface GraphContext {
  /** The database of the projections. */
  readonly db: Kysely<AnyTables>
  /** The same, for statements whose text is always the same: they are planned once. */
  readonly read: ReadPrepared
  readonly requestId: string
  /** Who asks, as the service's `identify` made it out; undefined without one. */
  readonly caller: unknown
  /** The most items that a page may have. */
  readonly maxPage: number
  /** How a list names a place in it that the caller may not know. */
  readonly sealed: SealedCursors
  /** The aggregate types whose logs are served here. */
  readonly aggregates: readonly string[]
  /** Those of them whose events are to be had through their entity alone, since it has authorization hooks. */
  readonly guarded: ReadonlySet<string>
  /** Changes with every command that the request sends: what was loaded before may be out of date. */
  readonly moment: object
  /**
   * To be awaited before rows of a projection are read: waits until they know of `atLeast`, of what the header
   * `Headwater-At-Least` names, and of the commands that this request has sent. Entities and connections do so themselves.
   *
   * @throws ProjectionBehindError when it takes too long; BadUserInputError when the projection does not read that stream
   */
  beforeRead(projection: ProjectionSource, atLeast?: Position | null): Promise<void>
  /** How every projection fares, whichever process runs it; a second old at most. */
  projections(): Promise<ProjectionOverview[]>
  /** The history of an aggregate, nothing of it read yet. */
  history(aggregate: string, id: string): StartedHistory
  /** What the fields of `Subscription` follow; undefined where nothing is followed. */
  readonly live: Live | undefined
  /** Sends a command. Throws CommandRefusedError when the service says no. */
  send(command: CommandEnvelope): Promise<CommandAccepted>
  /** The object with this id, or null; loaded in one batch with its like. */
  entity(type: string, id: string): Promise<unknown>
}

/** What the contexts of all requests share. */
export interface ContextOptions {
  db: Kysely<AnyTables>
  read: ReadPrepared
  reader: HistoryReader
  sender: CommandSender
  entities: ReadonlyMap<string, EntityResolver>
  maxPage: number
  sealed: SealedCursors
  aggregates: readonly string[]
  guarded: ReadonlySet<string>
  projections: () => Promise<ProjectionOverview[]>
  live?: Live | undefined
}

/** What is of one request alone. */
export interface ContextOrigin {
  requestId: string
  correlationId: string | undefined
  caller: unknown
  reads: Reads
}

export function createContext(
  {
    db,
    read,
    reader,
    sender,
    entities,
    maxPage,
    sealed,
    aggregates,
    guarded,
    projections,
    live,
  }: ContextOptions,
  { requestId, correlationId, caller, reads }: ContextOrigin,
): GraphContext {
  const context: GraphContext & { moment: object } = {
    db,
    read,
    requestId,
    caller,
    maxPage,
    sealed,
    aggregates,
    guarded,
    moment: {},
    beforeRead: (projection, atLeast) => reads.before(projection, atLeast),
    projections,
    live,
    history: (aggregate, id) => logHistory(reader, aggregate, id),
    async send(command) {
      const reply = await sender.send({ correlationId, ...command })
      if (!reply.ok) throw new CommandRefusedError(reply)
      // Who has sent a command sees what it did, in the same request already.
      reads.require(reply.position)
      context.moment = {}
      return reply
    },
    entity: async (type, id) => (await entities.get(type)?.(id, context)) ?? null,
  }
  return context
}
