import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql/index.js'
import { fragmentsOf } from '../../syntax/fragments.ts'
import type { Execution } from '../execution/execution.ts'
import { type Tree, isTree } from '../execution/tree.ts'
import { createCompleter } from './completer.ts'
import { CompletionRun } from './run.ts'

export interface Answer {
  readonly data: Tree | null
  readonly errors: readonly GraphQLError[]
}

export type CompleteOperation = (execution: Execution) => Answer

/** Makes the function that turns what the subgraphs have given for an operation into its answer. */
export function completeOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, selectionSet }: OperationDefinitionNode,
): CompleteOperation {
  const root = schema.getRootType(operation)
  if (!root) return ({ errors }) => ({ data: null, errors })
  const { objectOf } = createCompleter(schema, fragmentsOf(document))
  const complete = objectOf(root, [{ selections: selectionSet, guards: [] }])
  return (execution) => {
    const run = new CompletionRun(execution)
    const data = complete(execution.data, run, execution.data, '')
    return { data: isTree(data) ? data : null, errors: [...execution.errors, ...run.errors] }
  }
}
