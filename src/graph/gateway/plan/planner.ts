import type { PlanNode } from './nodes.ts'

/** Makes plans for one supergraph. */
export interface QueryPlanner {
  /** SDL of what clients see: the supergraph without what is only for gateways, and without what is inaccessible. */
  readonly publicSdl: string
  /**
   * A plan for an operation of a valid document; undefined when nothing has to be fetched.
   *
   * @throws UnplannableError when the subgraphs cannot answer it
   */
  plan(document: string, operationName: string | undefined): Promise<PlanNode | undefined>
}
