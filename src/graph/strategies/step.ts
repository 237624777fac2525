import type { StrategyName, Subgraph } from '../gateway/subgraph.ts'
import type { TableDriver } from './drivers/table-driver.ts'
import type { EntityMapping } from './entity-mapping.ts'
import type { StepSettings } from './limits.ts'

/** A way to a subgraph's own schema: in this process, or over HTTP. */
export interface TransportStep {
  readonly strategy: 'local' | 'http'
  readonly subgraph: Subgraph
  readonly settings?: StepSettings
  /** True when it ends by itself in the step's time: then it is not watched by a second clock. */
  readonly keepsTime?: boolean
  /** True when it applies the hooks of its entities itself; otherwise they are applied to what it answers. */
  readonly enforcesAuthorization?: boolean
}

/** The subgraph's own database. */
export interface DirectStep {
  readonly strategy: 'direct-db'
  readonly driver: TableDriver
  readonly settings?: StepSettings
}

/** A foreign table of the subgraph's database in the service's own; see `fdwSetup`. */
export interface ForeignStep {
  readonly strategy: 'fdw'
  /** The service's own PostgreSQL. */
  readonly driver: TableDriver
  /** The schema of the foreign tables, which have the names of the remote ones. */
  readonly schema: string
  readonly settings?: StepSettings
}

export type Step = TransportStep | DirectStep | ForeignStep

/** How the entities of a type are reached, the first way first. */
export interface EntityChain {
  /** Needed for tables, and for hooks. */
  readonly mapping?: EntityMapping
  readonly steps: readonly Step[]
}

/** How a step has fared. */
export interface StepStatus {
  readonly subgraph: string
  /** Undefined for root fields, and for the types that have no chain of their own. */
  readonly type: string | undefined
  readonly strategy: StrategyName
  readonly breaker: 'closed' | 'open' | 'half-open'
  /** Undefined when it has not been tried yet. */
  readonly lastOutcome: string | undefined
}
