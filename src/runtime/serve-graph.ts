import type { CommandSender } from '../commands/client/command-sender.ts'
import type { Identify } from '../graph/context/identify.ts'
import { createResources } from '../graph/context/resources.ts'
import { sharedCursorKey } from '../graph/live/cursor-key.ts'
import { createLive } from '../graph/live/live.ts'
import { readStatus } from '../projections/status/read-status.ts'
import { openGraph } from './federation/open-graph.ts'
import { graphsOf } from './federation/own-subgraphs.ts'
import type { Ground, Site } from './ground.ts'
import { addHealthRoutes } from './health-routes.ts'
import { bucketSpec } from './kernel.ts'
import { listen } from './listen.ts'
import type { Projecting } from './project-events.ts'

export interface GraphParts extends Projecting {
  sender: CommandSender
  identify: Identify
  /** Gives up while it waits for subgraphs. */
  signal: AbortSignal | undefined
}

/**
 * Serves the graph and the health of the service over HTTP.
 * @returns the URL of the graph
 */
export async function serveGraph(site: Site, ground: Ground, parts: GraphParts): Promise<string> {
  const { config, known, served, logger, shutdown } = site
  const { stack, nc, database, homes } = ground
  const { sender, identify, signal, projections, applied } = parts
  const { namespace } = config
  const sources = new Map([...homes].map(([name, { aggregate, log }]) => [name, { source: aggregate, log }]))
  const cursorKey =
    config.graph.cursorSecret ?? (await sharedCursorKey(bucketSpec(nc, `${namespace}_keys`, config, logger)))
  const live = createLive({ sources, namespace, cursorKey, settings: config.graph.live })
  shutdown.add('subscriptions', () => live.close())
  const running = () => projections?.status() ?? []
  const logs = new Set([...homes.values()].map(({ log }) => log))
  const resources = createResources({
    sources,
    graphs: known.flatMap(graphsOf),
    namespace,
    db: database.db,
    read: database.read,
    sender,
    projections: { applied, running, recorded: () => readStatus(database.db, logs) },
    live,
    cursorKey,
    settings: config.graph,
  })
  const databaseUrl = stack.databaseUrl
  const graph = await openGraph({ config, known, served, resources, databaseUrl, identify, logger, signal })
  shutdown.add('HTTP', () => graph.close())
  addHealthRoutes(graph.app, {
    nc,
    queryDatabase: () => database.pool.query('SELECT 1'),
    projections: running,
    gateway: graph.gateway,
    draining: () => shutdown.started,
  })
  return `${await listen(graph.app, config.http, logger)}/graphql`
}
