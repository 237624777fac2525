import type { Logger } from 'pino'
import type { Identify } from '../../graph/context/identify.ts'
import type { Subgraph } from '../../graph/gateway/subgraph.ts'
import type { Config } from '../config/index.ts'
import type { GraphHttpSettings } from '../graph-settings.ts'
import type { OwnSubgraph } from './own-subgraphs.ts'

/** What a gateway is made of. */
export interface GatewayParts {
  config: Config
  /** Every context whose code is here, by name. */
  known: ReadonlyMap<string, OwnSubgraph>
  /** Those that are served in this process, by name. */
  local: ReadonlyMap<string, Subgraph>
  /** The service's own PostgreSQL. */
  ownDatabaseUrl: string | undefined
  settings: GraphHttpSettings
  identify: Identify
  logger: Logger
  /** Gives up waiting for subgraphs that are not there yet. */
  signal?: AbortSignal | undefined
}
