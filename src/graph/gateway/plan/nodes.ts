/**
 * A query plan: which subgraphs are asked for what, in which order. The terms are those of Federation's query plans
 * (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/query-plans).
 */
export type PlanNode =
  RootFetch | EntityFetch | SequenceNode | ParallelNode | ConditionNode | SubscriptionNode

export interface PlannedOperation {
  readonly subgraph: string
  readonly text: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly name: string | undefined
  /** The client's variables that it uses. */
  readonly variables: readonly string[]
}

/** Root fields of one subgraph. */
export interface RootFetch {
  readonly kind: 'root'
  readonly operation: PlannedOperation
  readonly output: readonly Rewrite[]
}

/** Fields of entities that are known already: one operation, with a list of representations a batch. */
export interface EntityFetch {
  readonly kind: 'entities'
  readonly operation: PlannedOperation
  readonly batches: readonly EntityBatch[]
}

export interface EntityBatch {
  /** The key of its `_entities` field in the result. */
  readonly key: string
  /** The variable for its representations. */
  readonly variable: string
  /** Where its entities are. */
  readonly paths: readonly DataPath[]
  readonly requires: readonly Requirement[]
  readonly input: readonly Rewrite[]
  readonly output: readonly Rewrite[]
}

export interface SequenceNode {
  readonly kind: 'sequence'
  readonly nodes: readonly PlanNode[]
}

export interface ParallelNode {
  readonly kind: 'parallel'
  readonly nodes: readonly PlanNode[]
}

export interface ConditionNode {
  readonly kind: 'condition'
  readonly variable: string
  readonly included: PlanNode | undefined
  readonly otherwise: PlanNode | undefined
}

/** Each of its results is the root of a tree of its own, for the rest of the plan. */
export interface SubscriptionNode {
  readonly kind: 'subscription'
  readonly primary: RootFetch
}

/** From the root of the data to objects; lists on the way are gone through, however deep, and need no step. */
export type DataPath = readonly DataStep[]
export type DataStep = { readonly key: string } | { readonly types: readonly string[] }

/** What of an entity its representation holds: fields under `as`, or of the types that a condition fits. */
export type Requirement =
  | { readonly key: string; readonly as: string; readonly of: readonly Requirement[] | undefined }
  | { readonly type: string; readonly unless: Conditions; readonly of: readonly Requirement[] }

/** Variables: left out when `skipIf` is true or `includeIf` is not. */
export interface Conditions {
  readonly skipIf: string | undefined
  readonly includeIf: string | undefined
}

/** A change to what is sent or what has come: a value that is set, or a key that is another. */
export type Rewrite =
  { readonly path: DataPath; readonly set: string } | { readonly path: DataPath; readonly rename: string }
