import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql/index.js'
import { type CompleteOperation, completeOperation } from '../completion/complete-operation.ts'
import type { Execution } from '../execution/execution.ts'
import { type PreparedPlan, preparePlan } from '../execution/prepare-plan.ts'
import type { QueryPlanner } from '../plan/planner.ts'
import type { Subgraph } from '../subgraph.ts'
import type { TypeConditions } from '../supergraph.ts'
import { prepareIntrospection } from './introspection.ts'
import { plannable } from './plannable.ts'

/** An operation with everything about it that does not change from run to run. */
export interface PreparedOperation {
  readonly plan: PreparedPlan
  readonly introspect: ((execution: Execution) => void) | undefined
  readonly complete: CompleteOperation
}

export interface Preparation {
  readonly schema: GraphQLSchema
  readonly planner: QueryPlanner
  readonly subgraphs: ReadonlyMap<string, Subgraph>
  readonly types: TypeConditions
}

/** @throws UnplannableError */
export async function prepareOperation(
  { schema, planner, subgraphs, types }: Preparation,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Promise<PreparedOperation> {
  const text = plannable(schema, document, operation)
  const node = text === undefined ? undefined : await planner.plan(text, operation.name?.value)
  return {
    plan: preparePlan(node, subgraphs, types),
    introspect: prepareIntrospection(schema, document, operation),
    complete: completeOperation(schema, document, operation),
  }
}
