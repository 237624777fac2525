import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { CommandReply } from '../../src/commands/command.ts'
import type { CommandEnvelope } from '../../src/commands/client/command-sender.ts'
import { isRejection } from '../../src/commands/definition/decision.ts'
import type { Aggregate } from '../../src/commands/definition/define-aggregate.ts'
import { problem } from '../../src/commands/problem.ts'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { customerProjection } from '../../src/domains/customers/projection.ts'
import { product } from '../../src/domains/inventory/aggregate.ts'
import { productGraph } from '../../src/domains/inventory/graph.ts'
import { productProjection } from '../../src/domains/inventory/projection.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import type { GraphDefinition } from '../../src/graph/schema/define-graph.ts'
import type { RunnerFacts } from '../../src/graph/freshness/projection-overview.ts'
import { type Identify, anonymous } from '../../src/graph/context/identify.ts'
import { type ResourceSettings, createResources } from '../../src/graph/context/resources.ts'
import type { ServeSettings } from '../../src/graph/serve.ts'
import { createGraphServer } from '../../src/graph/server.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import type { FoldProjection, Row } from '../../src/projections/definition/definition.ts'
import { tableOf } from '../../src/projections/definition/identifiers.ts'
import { migrateKernel } from '../../src/projections/database/kernel-migrations.ts'
import { channelOf, encodeNotice } from '../../src/projections/positions/notices.ts'
import { openPositions } from '../../src/projections/positions/positions.ts'
import { createTables } from '../../src/projections/tables/prepare-table.ts'
import { readStatus } from '../../src/projections/status/read-status.ts'
import { rowTable } from '../../src/projections/batch/row-table.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import { recordedEvents } from '../../src/streams/events/recorded-event.ts'
import { eventSubject, eventSubjects } from '../../src/streams/events/subjects.ts'
import { asker, thoroughAsker } from './ask.ts'
import type { Servers } from './servers.ts'

export interface ShopOptions {
  settings?: Partial<ShopSettings>
  /** Served for gateways; for clients unless given. */
  isSubgraph?: boolean
  identify?: Identify
  graphs?: GraphDefinition[]
  /** What the runners of this process would say: that they are caught up, unless given. */
  running?: () => RunnerFacts[]
  /** Whether rows follow the commands; true unless given. */
  projecting?: boolean
}

type ShopSettings = ServeSettings & ResourceSettings

const SETTINGS: ShopSettings = {
  graphiql: true,
  introspection: true,
  bodyLimit: 100_000,
  maxPage: 100,
  jit: 1,
  queryDepth: 12,
  historyConcurrency: 32,
  atLeastTimeoutMs: 20_000,
}

const runners = (): RunnerFacts[] =>
  ['order', 'customer', 'product'].map((name) => ({
    name,
    state: 'up',
    positions: {},
    lagEvents: 0,
    lagMs: 0,
    ratePerSecond: 0,
    lastBatch: null,
    lastError: null,
  }))

/**
 * A graph over real servers, in a namespace and a schema of its own, and a way to make things happen: a command is decided,
 * appended, and projected before it is answered, so that a test has nothing to wait for.
 */
export async function openShop(
  { nc, postgresUrl }: Servers,
  {
    settings,
    graphs = [],
    running = runners,
    projecting = true,
    isSubgraph = false,
    identify = anonymous,
  }: ShopOptions = {},
) {
  const namespace = `t${randomUUID().slice(0, 8)}`
  const database = await createDatabase({
    url: postgresUrl,
    schema: namespace,
    poolSize: 4,
    statementTimeoutMs: 10_000,
  })
  const statements: string[] = []
  const { pool } = database
  pool.on('connect', (client) => {
    const send: unknown = Reflect.get(client, 'query')
    if (typeof send !== 'function') return
    client.query = (...args: unknown[]) => {
      const [query] = args
      statements.push(
        typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : String(query),
      )
      return Reflect.apply(send, client, args)
    }
  })
  await migrateKernel(database)
  const homes = new Map<string, { log: EventLog; source: Aggregate; projection: FoldProjection }>()
  for (const [source, projection] of [
    [order, orderProjection],
    [customer, customerProjection],
    [product, productProjection],
  ] as const) {
    const { name, version } = projection
    const table = tableOf(name)
    await database.db.transaction().execute(async (tx) => {
      const tables = await createTables(tx, projection, namespace, table)
      const row = { name, version, shape: '', table_name: table, tables, state: 'up', last_error: null }
      await tx.insertInto('tb_projection').values(row).execute()
    })
    const log = await openEventLog({
      nc,
      spec: {
        name: `${namespace}-${source.name}`,
        subjects: [eventSubjects(namespace, source.name)],
        replicas: 1,
        storage: 'memory',
        duplicateWindowMs: 1000,
      },
      appendTimeoutMs: 5000,
      onMigration: () => undefined,
    })
    homes.set(source.name, { log, source, projection })
    await database.db
      .insertInto('tb_projection_checkpoint')
      .values({
        projection: projection.name,
        stream: log.stream,
        stream_created: log.created,
        subjects: [eventSubjects(namespace, source.name)],
        sequence: 0,
      })
      .execute()
  }
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const applied = await openPositions({ database, logger })

  /** Appends to the log only, as if the projection were behind; `time` is the business time. */
  async function append(
    aggregate: string,
    id: string,
    events: { type: string; data: unknown }[],
    meta: {
      time?: string | undefined
      commandId?: string | undefined
      correlationId?: string | undefined
    } = {},
  ) {
    const { log, source } = home(aggregate)
    const subject = eventSubject(namespace, aggregate, id)
    const last = await log.read.last(subject)
    const { time = new Date().toISOString(), commandId = randomUUID(), correlationId = commandId } = meta
    const from = last?.events.at(-1)?.sequence ?? 0
    const stored = events.map(({ type, data }, index) => ({
      specversion: '1.0' as const,
      id: randomUUID(),
      source: `/${namespace}/${aggregate}`,
      type,
      subject: id,
      time,
      datacontenttype: 'application/json' as const,
      sequence: from + index + 1,
      correlationid: correlationId,
      causationid: commandId,
      commandid: commandId,
      ...source.types.encode(type, data),
    }))
    const sequence = await log.append({ subject, expected: last?.position.sequence ?? 0, events: stored })
    return { sequence, events: stored, version: from + stored.length, stream: log.stream }
  }

  /** Where an aggregate stands to which nothing happened. */
  async function unchanged(aggregate: string, id: string) {
    const { log } = home(aggregate)
    const last = await log.read.last(eventSubject(namespace, aggregate, id))
    const [sequence, version] = [last?.position.sequence ?? 0, last?.events.at(-1)?.sequence ?? 0]
    return { sequence, events: [], version, stream: log.stream }
  }

  async function historyOf(aggregate: string, id: string) {
    const { log, source } = home(aggregate)
    const commits = await Array.fromAsync(log.read.forwards(eventSubject(namespace, aggregate, id), 1))
    return commits.flatMap((commit) => recordedEvents(source.types, commit))
  }

  /** Folds the whole history into the row, as far as the log has it, and says so as a runner does. */
  async function project(aggregate: string, id: string): Promise<void> {
    const { projection, log } = home(aggregate)
    const last = await log.read.last(eventSubject(namespace, aggregate, id))
    const events = await historyOf(aggregate, id)
    const row = events.reduce<Row | null>((state, event) => projection.evolve(state, event), null)
    const client = await pool.connect()
    const changes = row ? { upserts: [row], deletes: [] } : { upserts: [], deletes: [id] }
    await client.query('begin')
    await rowTable(projection, tableOf(projection.name)).write(client, changes)
    const { rows } = await client.query<{ sequence: number }>(
      `update tb_projection_checkpoint set sequence = greatest(sequence, $3) where projection = $1 and stream = $2
       returning sequence`,
      [projection.name, log.stream, last?.position.sequence ?? 0],
    )
    const positions = { [log.stream]: rows[0]?.sequence ?? 0 }
    const notice = encodeNotice({ projection: projection.name, positions })
    await client.query('select pg_notify($1, $2)', [channelOf(namespace), notice])
    await client.query('commit')
    client.release()
  }

  const sent: CommandEnvelope[] = []

  async function send(envelope: CommandEnvelope, time?: string): Promise<CommandReply> {
    const { aggregate, id, command, commandId = randomUUID(), correlationId } = envelope
    sent.push(envelope)
    const { source } = home(aggregate)
    const parsed = source.commands[command]?.safeParse(envelope.data)
    if (!parsed?.success) {
      const errors = (parsed?.error.issues ?? []).map(({ path, message }) => ({
        path: path.join('.'),
        message,
      }))
      return problem({
        status: 400,
        code: 'INVALID_COMMAND',
        detail: 'The data does not fit the command',
        errors,
      })
    }
    const events = await historyOf(aggregate, id)
    const { expectedVersion } = envelope
    if (expectedVersion !== undefined && expectedVersion !== events.length) {
      const detail = `The version is ${events.length}`
      return problem({ status: 409, code: 'WRONG_EXPECTED_VERSION', detail, actualVersion: events.length })
    }
    const state = events.reduce<unknown>((state, event) => source.evolve(state, event), source.initial)
    const context = { id, time: time ?? '', commandId }
    const decision = source.decide(command, state, parsed.data, context)
    if (isRejection(decision)) return problem(decision)
    const decided = [decision].flat()
    const made =
      decided.length > 0
        ? await append(aggregate, id, decided, { time, commandId, correlationId })
        : await unchanged(aggregate, id)
    if (projecting) await project(aggregate, id)
    const { stream, sequence, version } = made
    const summaries = made.events.map(({ id, type, time, sequence }) => ({
      id,
      type,
      time,
      version: sequence,
    }))
    return {
      ok: true,
      aggregate,
      id,
      version,
      position: { stream, sequence },
      events: summaries,
      duplicate: false,
    }
  }

  function home(aggregate: string) {
    const found = homes.get(aggregate)
    if (!found) throw new Error(`no aggregate ${aggregate}`)
    return found
  }

  const resources = createResources({
    sources: homes,
    graphs: [orderGraph, customerGraph, productGraph, ...graphs],
    namespace,
    db: database.db,
    read: database.read,
    sender: { send },
    projections: {
      applied,
      running,
      recorded: () =>
        readStatus(
          database.db,
          [...homes.values()].map(({ log }) => log),
        ),
    },
    live: undefined,
    cursorKey: 'of a shop',
    settings: { ...SETTINGS, ...settings },
  })
  const server = createGraphServer({
    graphs: [orderGraph, customerGraph, productGraph, ...graphs],
    resources,
    isSubgraph,
    isHost: true,
    identify,
    settings: { ...SETTINGS, live: {}, ...settings },
    logger,
  })
  const url = `${await server.app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
  onTestFinished(async () => {
    await server.close()
    await applied.close()
    await database.close()
  })
  return {
    url,
    ask: thoroughAsker(url),
    askOnce: asker(url),
    append,
    project,
    pool,
    database,
    homes,
    /** For more servers over the same data. */
    resources,
    /** The commands that reached the sender. */
    sent,
    /** The log of the server, a line each. */
    lines,
    /** The statements that the action makes PostgreSQL run. */
    async statementsOf(action: () => Promise<unknown>): Promise<string[]> {
      const before = statements.length
      await action()
      return statements.slice(before)
    },
    /** A command as it comes in through any other door; throws when it is refused. */
    async command(aggregate: string, id: string, command: string, data: unknown = {}, time?: string) {
      const reply = await send({ aggregate, id, command, data }, time)
      if (!reply.ok) throw new Error(reply.detail)
      return reply
    },
  }
}

export type Shop = Awaited<ReturnType<typeof openShop>>

export const anOrder = (more: object = {}) => ({
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'sku-1', quantity: 2, unitPrice: '5.00' }],
  shippingCost: '2.50',
  ...more,
})

export const aProduct = (more: object = {}) => ({
  name: 'Sencha',
  price: '8.90',
  currency: 'EUR',
  stock: 5,
  ...more,
})

export const aCustomer = (more: object = {}) => ({ city: 'Porto', state: 'PT', postalCode: '4000', ...more })
