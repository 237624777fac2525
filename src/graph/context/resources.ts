import type { Kysely } from 'kysely'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import { createCopiesReader } from '../../projections/copies/read.ts'
import type { AnyTables } from '../../projections/definition/definition.ts'
import type { KernelTables } from '../../projections/database/kernel-tables.ts'
import type { ReadPrepared } from '../../projections/database/prepared.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import type { EventSource } from '../../streams/events/recorded-event.ts'
import { cached } from '../freshness/cached.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import { createGate } from '../history/gate.ts'
import { guardedAggregates } from '../schema/guarded.ts'
import { type HistoryReader, createHistoryReader } from '../history/history-reader.ts'
import type { Live } from '../live/live.ts'
import {
  type ProjectionFacts,
  type ProjectionOverview,
  createLags,
  overviewsOf,
} from '../freshness/projection-overview.ts'
import { streamsOfProjections } from '../freshness/projection-source.ts'
import type { ReadsOptions } from '../freshness/reads.ts'
import { createTargets } from '../freshness/target.ts'
import { type SealedCursors, createSealedCursors } from '../reads/sealed-cursors.ts'

export interface ResourceSettings {
  /** The most items of a page. */
  maxPage: number
  /** How many histories are read from the logs at a time. */
  historyConcurrency: number
  /** How long a query waits for a projection to reach a position, in milliseconds. */
  atLeastTimeoutMs: number
}

export interface ResourceOptions {
  /** The log of each aggregate, by the aggregate's name. */
  sources: ReadonlyMap<string, { log: EventLog; source: EventSource }>
  /** Of all contexts that are known, not only of those that are served. */
  graphs: readonly GraphDefinition[]
  namespace: string
  db: Kysely<KernelTables>
  read: ReadPrepared
  sender: CommandSender
  projections: ProjectionFacts
  /** What subscriptions follow; undefined where there are none. */
  live: Live | undefined
  /** Seals cursors of lists; the same in all replicas. See `sharedCursorKey`. */
  cursorKey: Uint8Array | string
  settings: ResourceSettings
}

/** What all graphs of a process read from and send to. */
export interface GraphResources {
  readonly db: Kysely<AnyTables>
  readonly read: ReadPrepared
  readonly sender: CommandSender
  readonly reader: HistoryReader
  readonly reading: ReadsOptions
  readonly maxPage: number
  /** See GraphContext. */
  readonly sealed: SealedCursors
  /** The aggregate types whose logs are served. */
  readonly aggregates: readonly string[]
  /** See GraphContext. */
  readonly guarded: ReadonlySet<string>
  projections(): Promise<ProjectionOverview[]>
  readonly live: Live | undefined
}

/** So many rounds of history reads may wait, at 5 to 10 ms each: what comes later would wait longer than it is worth. */
const QUEUE_ROUNDS = 64
/** How old what is said of the projections may be: it takes a few statements and a look at the logs to know. */
const OVERVIEW_MS = 1000

export function createResources({
  sources,
  graphs,
  namespace,
  db,
  read,
  sender,
  projections,
  live,
  cursorKey,
  settings: { maxPage, historyConcurrency, atLeastTimeoutMs },
}: ResourceOptions): GraphResources {
  const overviews = cached(() => overviewsOf(projections), OVERVIEW_MS)
  const streams = new Map([...sources].map(([aggregate, { log }]) => [aggregate, log.stream]))
  const gate = createGate(historyConcurrency, historyConcurrency * QUEUE_ROUNDS)
  return {
    db: db.$extendTables<AnyTables>().$omitTables<keyof KernelTables>(),
    read,
    sender,
    reader: createHistoryReader({ sources, namespace, gate, copies: createCopiesReader(read) }),
    reading: {
      applied: projections.applied,
      streamsOf: streamsOfProjections(streams),
      targetOf: createTargets(sources, namespace),
      lagOf: createLags(projections.running, overviews),
      timeoutMs: atLeastTimeoutMs,
    },
    maxPage,
    sealed: createSealedCursors(cursorKey),
    aggregates: [...sources.keys()],
    guarded: guardedAggregates(graphs),
    projections: () => overviews.get(),
    live,
  }
}
