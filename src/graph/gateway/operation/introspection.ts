import {
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  executeSync,
} from 'graphql/index.js'
import { fragmentsOf } from '../../syntax/fragments.ts'
import { collectFields } from '../completion/collect.ts'
import type { Execution } from '../execution/execution.ts'

/** Answers the introspection of an operation (`__schema`, `__type`) from the schema; undefined when there is none in it. */
export function prepareIntrospection(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ((execution: Execution) => void) | undefined {
  const root = schema.getRootType(operation.operation)
  if (!root || operation.operation !== OperationTypeNode.QUERY) return undefined
  const fragments = fragmentsOf(document)
  const fields = collectFields(
    [{ selections: operation.selectionSet, guards: [] }],
    fragments,
    (condition) => condition === root.name,
  )
  const asked = [...fields.values()].flatMap((nodes) =>
    nodes.flatMap(({ node }) => (/^__(schema|type)$/.test(node.name.value) ? [node] : [])),
  )
  if (asked.length === 0) return undefined
  const selectionSet = { kind: Kind.SELECTION_SET, selections: asked } as const
  const alone: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, selectionSet }, ...fragments.values()],
  }
  return ({ data, errors, variables }) => {
    const answer = executeSync({ schema, document: alone, variableValues: variables })
    Object.assign(data, answer.data)
    for (const error of answer.errors ?? [])
      errors.push(new GraphQLError(error.message, { path: error.path }))
  }
}
