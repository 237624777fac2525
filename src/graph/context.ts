import type { Kysely } from 'kysely'
import type { CommandAccepted } from '../commands/command.ts'
import type { CommandEnvelope, CommandSender } from '../commands/command-sender.ts'
import { CommandRefusedError } from '../commands/client.ts'
import type { AnyTables } from '../projections/definition.ts'
import type { HistoryReader } from './history-reader.ts'
import { type StartedHistory, logHistory } from './history.ts'

/** How an object is found by its type's name and its id, whichever graph it belongs to. */
export type EntityResolver = (id: string, context: GraphContext) => Promise<unknown>

/** What every resolver gets: one a request. */
export interface GraphContext {
  /** The database of the projections. */
  readonly db: Kysely<AnyTables>
  readonly requestId: string
  /** The most items that a page may have. */
  readonly maxPage: number
  /** The aggregate types whose logs are served here. */
  readonly aggregates: readonly string[]
  /** The history of an aggregate, nothing of it read yet. */
  history(aggregate: string, id: string): StartedHistory
  /** Sends a command. Throws CommandRefusedError when the service says no. */
  send(command: CommandEnvelope): Promise<CommandAccepted>
  /** The object with this id, or null; loaded in one batch with its like. */
  entity(type: string, id: string): Promise<unknown>
}

/** What the contexts of all requests share. */
export interface ContextOptions {
  db: Kysely<AnyTables>
  reader: HistoryReader
  sender: CommandSender
  entities: ReadonlyMap<string, EntityResolver>
  maxPage: number
  aggregates: readonly string[]
}

export interface RequestOrigin {
  requestId: string
  correlationId: string | undefined
}

export function createContext(
  { db, reader, sender, entities, maxPage, aggregates }: ContextOptions,
  { requestId, correlationId }: RequestOrigin,
): GraphContext {
  const context: GraphContext = {
    db,
    requestId,
    maxPage,
    aggregates,
    history: (aggregate, id) => logHistory(reader, aggregate, id),
    async send(command) {
      const reply = await sender.send({ correlationId, ...command })
      if (reply.ok) return reply
      throw new CommandRefusedError(reply)
    },
    entity: async (type, id) => (await entities.get(type)?.(id, context)) ?? null,
  }
  return context
}
