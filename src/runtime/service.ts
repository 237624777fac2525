import type { Logger } from 'pino'
import { createActors } from '../commands/actors.ts'
import type { CommandSender } from '../commands/client/command-sender.ts'
import { type CommandEndpoint, openEndpoint } from '../commands/endpoint/endpoint.ts'
import { transactionsByAggregate } from '../commands/definition/define-transaction.ts'
import { createLocalSender } from '../commands/client/local-sender.ts'
import { createNatsSender } from '../commands/client/nats-sender.ts'
import { anonymous, type Identify } from '../graph/context/identify.ts'
import { sharedCursorKey } from '../graph/live/cursor-key.ts'
import { createLive } from '../graph/live/live.ts'
import { createResources } from '../graph/context/resources.ts'
import { startCopies } from '../projections/copies/start.ts'
import { createDatabase } from '../projections/database/database.ts'
import { openPositions } from '../projections/positions/positions.ts'
import { readStatus } from '../projections/status/read-status.ts'
import { startProjections } from '../projections/start-projections.ts'
import type { Config } from './config/index.ts'
import { connectNats } from './connect-nats.ts'
import type { Context } from './define-context.ts'
import { type Endpoints, removeEndpoints, writeEndpoints } from './endpoints-file.ts'
import { addHealthRoutes } from './health-routes.ts'
import { graphsOf } from './federation/own-subgraphs.ts'
import { openGraph } from './federation/open-graph.ts'
import { openKernel } from './kernel.ts'
import { listen } from './listen.ts'
import { openFollowers } from './open-followers.ts'
import { distinct, servedOf } from './load-contexts.ts'
import { createLogger } from './logging.ts'
import { openSagas } from './sagas/open-sagas.ts'
import { version } from './package-info.ts'
import { joinStack, startStack } from './stack.ts'

export interface ServiceOptions {
  config: Config
  /** All that are known; `config.contexts.serve` says which of them are served. */
  contexts: readonly Context[]
  /** Who sends a request of the graph; nobody is told apart without it. */
  identify?: Identify
  /** Made from `config.log` unless given. */
  logger?: Logger
  /** Gives up the start while it waits for subgraphs: it throws the signal's reason then. */
  signal?: AbortSignal
}

/** A whole service in this process. */
export interface Service {
  endpoints: Endpoints
  /** Sends commands over the service's own NATS system. */
  sender: CommandSender
  /** Finishes what was accepted, then stops everything in order. May be called more than once. */
  stop(): Promise<void>
}

/**
 * Starts everything: NATS and PostgreSQL where none is configured, the logs, the command endpoint, the projections, the
 * graph. What was started is stopped again when a later part fails.
 *
 * @throws HeadwaterError with what to do about it
 */
export async function startService({
  config,
  contexts,
  identify = anonymous,
  logger = createLogger(config.log),
  signal,
}: ServiceOptions): Promise<Service> {
  const known = distinct(contexts)
  const served = servedOf(known, config.contexts)
  const shutdown = createShutdown(logger)
  try {
    const isPart = config.contexts.serve.length > 0
    const stack = await (isPart ? joinStack : startStack)(config, logger)
    shutdown.add('embedded servers', () => stack.stop())
    // Only now: until the stack has its lock, the file may be that of a service that runs here already.
    if (!stack.isGuest) await removeEndpoints(config.dataDir)
    const { nats, postgres } = config
    const nc = await connectNats({ url: stack.natsUrl, settings: nats, name: 'headwater', logger })
    shutdown.add('NATS connection', () => nc.close())
    const database = await createDatabase({ ...postgres, url: stack.databaseUrl, logger })
    shutdown.add('PostgreSQL connections', () => database.close())
    const { homes, snapshots } = await openKernel(nc, known, config, logger)
    const onError = (error: unknown, what: string) => logger.error({ err: error }, what)
    const { namespace } = config

    const projections = config.projections.run
      ? await startProjections({
          definitions: served.flatMap((context) => context.projections),
          logs: new Map([...homes].map(([name, { log }]) => [name, log])),
          namespace,
          database,
          settings: config.projections,
          logger,
        })
      : undefined
    if (projections) shutdown.add('projections', () => projections.stop())

    if (projections && config.graph.copyHistory) {
      const copies = startCopies({
        aggregates: served.flatMap(({ graph, aggregates }) => (graph ? aggregates : [])),
        logs: new Map([...homes].map(([name, { log }]) => [name, log])),
        namespace,
        database,
        settings: config.projections,
        logger,
      })
      shutdown.add('copies of the logs', () => copies.stop())
    }

    const applied = await openPositions({ database, logger })
    shutdown.add('positions', () => applied.close())

    const aggregates = new Map(
      served.flatMap((context) => context.aggregates.map((aggregate) => [aggregate.name, aggregate])),
    )
    const transactions = transactionsByAggregate(served.flatMap((context) => context.transactions))
    const settings = config.commands
    const actors = createActors({ namespace, homes, snapshots, settings, onError })
    const sender = createNatsSender({
      nc,
      namespace,
      timeoutMs: settings.timeoutMs,
      waitTimeoutMs: config.sagas.waitTimeoutMs,
    })
    // Before the first command is taken: what it makes happen is not to be missed by a reactor that is new.
    const { bodyLimit, timeoutMs } = settings
    const reacting = createLocalSender({
      actors,
      aggregates,
      transactions,
      bodyLimit,
      timeoutMs,
      remote: sender,
    })
    const followers = await openFollowers({ nc, config, served, homes, sender: reacting, logger })
    const sagas = await openSagas({
      nc,
      config,
      known,
      served,
      homes,
      actors,
      aggregates,
      transactions,
      logger,
    })
    const endpoint: CommandEndpoint = await openEndpoint({
      nc,
      namespace,
      version,
      aggregates,
      transactions,
      isPart,
      actors,
      settings,
      onError,
      ...(sagas && { conclude: sagas.conclude }),
    })
    shutdown.add('commands', async () => {
      const left = await endpoint.close()
      if (left > 0) logger.warn({ left }, 'commands were left unanswered when the time to drain was up')
    })

    if (sagas) {
      // Before it starts: of several sagas one may fail to.
      shutdown.add('sagas', () => sagas.stop())
      await sagas.start()
    }

    followers.start()
    shutdown.add('feed and reactors', () => followers.stop())

    const sources = new Map(
      [...homes].map(([name, { aggregate, log }]) => [name, { source: aggregate, log }]),
    )
    const { replicas, storage } = config.streams
    const live = createLive({
      sources,
      namespace,
      cursorKey:
        config.graph.cursorSecret ??
        (await sharedCursorKey({ nc, bucket: `${namespace}_keys`, replicas, storage })),
      settings: config.graph.live,
    })
    shutdown.add('subscriptions', () => live.close())
    const resources = createResources({
      sources,
      graphs: known.flatMap(graphsOf),
      namespace,
      db: database.db,
      read: database.read,
      sender,
      projections: {
        applied,
        running: () => projections?.status() ?? [],
        recorded: () => readStatus(database.db, new Set([...homes.values()].map(({ log }) => log))),
      },
      live,
      settings: config.graph,
    })
    const graph = await openGraph({
      config,
      known,
      served,
      resources,
      databaseUrl: stack.databaseUrl,
      identify,
      logger,
      signal,
    })
    shutdown.add('HTTP', () => graph.close())
    addHealthRoutes(graph.app, {
      nc,
      queryDatabase: () => database.pool.query('SELECT 1'),
      projections: () => projections?.status() ?? [],
      gateway: graph.gateway,
      draining: () => shutdown.started,
    })
    const graphUrl = await listen(graph.app, config.http, logger)

    const endpoints = { graph: `${graphUrl}/graphql`, nats: stack.natsUrl, postgres: stack.databaseUrl }
    if (!stack.isGuest) {
      await writeEndpoints(config.dataDir, endpoints)
      shutdown.add('endpoints.json', () => removeEndpoints(config.dataDir))
    }
    logger.info({ graph: endpoints.graph, contexts: served.map(({ name }) => name) }, 'ready')
    return { endpoints, sender, stop: () => shutdown.run() }
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

/** Stops parts in the reverse order of their start, each whatever became of the others. */
function createShutdown(logger: Logger) {
  const parts: { name: string; stop: () => Promise<void> }[] = []
  let running: Promise<void> | undefined
  async function stopAll(): Promise<void> {
    logger.info('stopping: what was accepted is finished first')
    for (const { name, stop } of parts.toReversed()) {
      logger.debug(`stopping ${name}`)
      await stop().catch((error: unknown) => logger.error({ err: error }, `${name} did not stop in order`))
    }
  }
  return {
    get started() {
      return running !== undefined
    },
    add(name: string, stop: () => Promise<void>): void {
      parts.push({ name, stop })
    },
    run(): Promise<void> {
      running ??= stopAll()
      return running
    },
  }
}
