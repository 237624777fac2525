export type PersistedQueries = 'off' | 'automatic' | 'only'

export interface LimitSettings {
  /** The most levels of fields in each other; introspection does not count. */
  depth: number
  /** The highest static cost (see cost/); about the number of objects in the largest answer. */
  cost: number
  /** The most tokens of a document, and the most fields of it with its fragments opened. */
  tokens: number
  /** The most aliased fields of an operation, its fragments opened. */
  aliases: number
  /** The most entities that `_entities` is asked for in an operation. */
  representations: number
  introspection: boolean
  /** `automatic`: clients register by sending a text with its hash. `only`: nothing runs that is not in the manifest. */
  persistedQueries: PersistedQueries
  /** The texts of a manifest by their ids; see readManifest. */
  operations: ReadonlyMap<string, string>
}

/** GraphiQL's introspection has about 500 tokens. A cost of 20,000 is 100 orders with 100 events each, and as much again. */
export const LIMITS: LimitSettings = {
  depth: 12,
  cost: 20_000,
  tokens: 5000,
  aliases: 100,
  representations: 1000,
  introspection: true,
  persistedQueries: 'automatic',
  operations: new Map(),
}
