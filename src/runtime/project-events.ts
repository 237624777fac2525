import { startCopies } from '../projections/copies/start.ts'
import { type AppliedPositions, openPositions } from '../projections/positions/positions.ts'
import { type Projections, startProjections } from '../projections/start-projections.ts'
import type { Ground, Site } from './ground.ts'

/** The tables, as far as they have come. */
export interface Projecting {
  /** Undefined where this process runs none. */
  projections: Projections | undefined
  applied: AppliedPositions
}

/** Starts the projections of the contexts that are served, and the copies of their logs for `fdw` and `direct-db`. */
export async function projectEvents(
  { config, served, logger, shutdown }: Site,
  { homes, database }: Ground,
): Promise<Projecting> {
  const { namespace, projections: settings } = config
  const logs = new Map([...homes].map(([name, { log }]) => [name, log]))
  const projections = settings.run
    ? await startProjections({
        definitions: served.flatMap((context) => context.projections),
        logs,
        namespace,
        database,
        settings,
        logger,
      })
    : undefined
  if (projections) shutdown.add('projections', () => projections.stop())

  if (projections && config.graph.copyHistory) {
    const copies = startCopies({
      aggregates: served.flatMap(({ graph, aggregates }) => (graph ? aggregates : [])),
      logs,
      namespace,
      database,
      settings,
      logger,
    })
    shutdown.add('copies of the logs', () => copies.stop())
  }

  const applied = await openPositions({ database, logger })
  shutdown.add('positions', () => applied.close())
  return { projections, applied }
}
