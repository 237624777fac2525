import { connect } from '@nats-io/transport-node'
import fastify from 'fastify'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { mercurius } from 'mercurius'
import { onTestFinished } from 'vitest'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { productGraph } from '../../src/domains/inventory/graph.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import type { GraphDefinition } from '../../src/graph/schema/define-graph.ts'
import { composeSchema } from '../../src/graph/compose.ts'
import { admit } from '../../src/graph/http/admit.ts'
import { createLimits } from '../../src/graph/limits/create-limits.ts'
import { LIMITS } from '../../src/graph/limits/settings.ts'
import { sharedCursorKey } from '../../src/graph/live/cursor-key.ts'
import { serveEventStream } from '../../src/graph/live/event-stream.ts'
import { type LiveSettings, createLive } from '../../src/graph/live/live.ts'
import type { OperationOrigin } from '../../src/graph/live/operation.ts'
import type { LiveTransportSettings } from '../../src/graph/live/transport-settings.ts'
import { serveWebSocket } from '../../src/graph/live/websocket.ts'
import { createRequestContexts } from '../../src/graph/context/request-contexts.ts'
import { createResources } from '../../src/graph/context/resources.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import { openPositions } from '../../src/projections/positions/positions.ts'
import { startProjections } from '../../src/projections/start-projections.ts'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { eventSubject, eventSubjects } from '../../src/streams/events/subjects.ts'
import { type Stack, uniqueName } from '../support/stack.ts'
import { openLog } from './log.ts'

export interface ReplicaOptions {
  namespace: string
  live?: Partial<LiveSettings>
  transport?: Partial<LiveTransportSettings>
  cursorKey?: string
  /** Who asks, for each payload anew; the header `caller` unless given. */
  identify?: (caller: unknown) => unknown
  /** More than those of the shop. */
  graphs?: GraphDefinition[]
}

const GRAPHS = [orderGraph, customerGraph, productGraph]

/** One process of a service, as far as subscriptions need one: it serves orders over both transports, and projects them. */
export async function openReplica(
  { natsUrl, databaseUrl }: Pick<Stack, 'natsUrl' | 'databaseUrl'>,
  {
    namespace,
    live: liveSettings = {},
    transport: given = {},
    cursorKey,
    identify = (caller) => caller,
    graphs: more = [],
  }: ReplicaOptions,
) {
  const graphs = [...GRAPHS, ...more]
  // The client lives in the same process, and is slow where that is.
  const transport = { initTimeoutMs: 60_000, ...given }
  const nc = await connect({ servers: natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  const logger = pino({ level: 'silent' })
  const { config } = loadConfig({ env: {}, cwd: '/', overrides: { namespace } })
  const database = await createDatabase({ ...config.postgres, url: databaseUrl, schema: namespace, logger })
  const open = (aggregate: string) => openLog(nc, namespace, { aggregate, storage: 'file' })
  const log = await open('order')
  const sources = new Map([
    ['order', { log, source: order }],
    ['customer', { log: await open('customer'), source: customer }],
  ])
  const projections = await startProjections({
    definitions: [orderProjection],
    logs: new Map([...sources].map(([name, { log }]) => [name, log])),
    namespace,
    database,
    settings: config.projections,
    logger,
  })
  const applied = await openPositions({ database, logger })
  const key =
    cursorKey ?? (await sharedCursorKey({ nc, bucket: `${namespace}_keys`, replicas: 1, storage: 'file' }))
  const live = createLive({ sources, namespace, cursorKey: key, settings: liveSettings })
  const resources = createResources({
    sources,
    graphs,
    namespace,
    db: database.db,
    read: database.read,
    sender: { send: () => Promise.reject(new Error('no commands here')) },
    projections: { applied, running: () => [], recorded: () => Promise.resolve([]) },
    live,
    cursorKey: key,
    settings: { maxPage: 100, historyConcurrency: 32, atLeastTimeoutMs: 5000 },
  })
  const contexts = createRequestContexts(resources, graphs)
  const limits = createLimits({ ...LIMITS, depth: 8, introspection: true })
  const schema = composeSchema(graphs)
  const reported: unknown[] = []
  let contextsMade = 0
  const app = fastify()
  const host = {
    admit: (parameters: unknown) => admit(limits, schema, parameters),
    context({ requestId, headers }: OperationOrigin) {
      contextsMade++
      return contexts.of({ id: requestId, headers }, identify(headers['caller']))
    },
    report: (error: unknown) => void reported.push(error),
  }
  serveWebSocket(app, host, transport)
  serveEventStream(app, host, transport)
  app.register(mercurius, { schema, context: ({ id, headers }) => contexts.of({ id, headers }) })
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`

  return {
    url,
    wsUrl: url.replace('http', 'ws'),
    nc,
    log,
    live,
    database,
    app,
    contextsMade: () => contextsMade,
    /** Waits until the rows are those of all that was written. */
    projected: async () => {
      const { last } = await log.bounds()
      await applied.waitFor('order', { stream: log.stream, sequence: last }, 50_000)
    },
    /** What the clients were not told the cause of. */
    reported,
    async stop() {
      await app.close()
      await live.close()
      await projections.stop()
      await applied.close()
      await database.close()
      await nc.close()
    },
  }
}

export type Replica = Awaited<ReturnType<typeof openReplica>>

const CREATED = {
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'sku-1', quantity: 2, unitPrice: '5.00' }],
  shippingCost: '2.50',
  total: '12.50',
}
/** What happens to an order, one after the other. */
const LIFE = [
  { type: 'order.created', data: CREATED },
  { type: 'order.confirmed', data: {} },
  { type: 'order.shipped', data: { carrier: 'DHL', trackingNumber: '1' } },
  { type: 'order.delivered', data: {} },
]

/** Lets orders live: appends to the log as the commands would, and remembers what it has written. */
export function writerOf({ log }: Pick<Replica, 'log'>, namespace: string) {
  const known = new Map<string, { version: number; sequence: number }>()

  /** Appends the next events of an order, as one commit; further ones than it has happen to it again and again. */
  async function write(id: string, count = 1, data: object = {}): Promise<string[]> {
    const { version, sequence } = known.get(id) ?? (await endOf(id))
    const events = Array.from({ length: count }, (_, index) => {
      const next = version + index
      const happened = LIFE[next] ?? LIFE[1 + ((next - 1) % 3)]
      return {
        specversion: '1.0' as const,
        id: randomUUID(),
        source: `/${namespace}/orders/order`,
        type: happened?.type ?? '',
        subject: id,
        time: new Date().toISOString(),
        datacontenttype: 'application/json' as const,
        sequence: next + 1,
        dataversion: 1,
        correlationid: 'cor',
        causationid: 'cau',
        commandid: `${id}-${next}`,
        data: { ...happened?.data, ...(next === 0 && data) },
      }
    })
    const subject = eventSubject(namespace, 'order', id)
    known.delete(id)
    const at = await log.append({ subject, expected: sequence, events })
    known.set(id, { version: version + count, sequence: at })
    return events.map((event) => event.id)
  }

  async function endOf(id: string) {
    const last = await log.read.leaderLast(eventSubject(namespace, 'order', id))
    return { version: last?.events.at(-1)?.sequence ?? 0, sequence: last?.position.sequence ?? 0 }
  }

  /** Writes to these orders by turns until it is stopped, whatever happens to the server. */
  function keepWriting(ids: string[]) {
    const stopping = new AbortController()
    const writing = ids.map(async (id) => {
      while (!stopping.signal.aborted) {
        // A write that fails may be there all the same: the log is what counts.
        await write(id, 1 + Math.floor(Math.random() * 3)).catch(() => undefined)
        // A service of this size is not to spend the test on writing alone.
        await delay(3)
      }
    })
    return async () => {
      stopping.abort()
      await Promise.all(writing)
    }
  }

  /** Every event of all orders, as the log has them. */
  async function written(): Promise<string[]> {
    const commits = await Array.fromAsync(log.read.since(eventSubjects(namespace, 'order'), 0))
    return commits.flatMap(({ events }) => events.map((event) => event.id))
  }

  return { write, keepWriting, written }
}

/** A replica of its own for one test, and a writer to its log. */
export async function openService(
  stack: Pick<Stack, 'natsUrl' | 'databaseUrl'>,
  options: Partial<ReplicaOptions> = {},
) {
  const namespace = uniqueName()
  const replica = await openReplica(stack, { namespace, ...options })
  onTestFinished(() => replica.stop())
  return { ...replica, ...writerOf(replica, namespace), namespace }
}
