import type { DocumentNode, GraphQLField, GraphQLSchema, OperationDefinitionNode } from 'graphql/index.js'
import { LimitError } from '../limit-error.ts'
import { type FieldCost, fieldCost } from './field-cost.ts'
import { type SchemaCosts, operationCost } from './operation-cost.ts'
import { sizedFields } from './sized-fields.ts'

export type CostLimit = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => void

/**
 * Refuses operations that cost more than `limit`, by what is in them and the variables, coerced. What depends on no variable is
 * reckoned once a document.
 *
 * @throws LimitError QUERY_TOO_COSTLY or SLICING_ARGUMENT_REQUIRED (from what it returns)
 */
export function createCostLimit(limit: number): CostLimit {
  const schemas = new WeakMap<GraphQLSchema, SchemaCosts>()
  const constant = new WeakMap<OperationDefinitionNode, { schema: GraphQLSchema; cost: number }>()

  function costsOf(schema: GraphQLSchema): SchemaCosts {
    const known = schemas.get(schema)
    if (known) return known
    const made = schemaCosts(schema)
    schemas.set(schema, made)
    return made
  }

  function measure(...[schema, document, operation, variables]: Parameters<CostLimit>): number {
    const known = constant.get(operation)
    if (known?.schema === schema) return known.cost
    let varies = false
    const cost = operationCost(costsOf(schema), document, operation, (name) => {
      varies = true
      return variables[name]
    })
    if (!varies) constant.set(operation, { schema, cost })
    return cost
  }

  return (schema, document, operation, variables) => {
    const cost = measure(schema, document, operation, variables)
    if (cost <= limit) return
    throw new LimitError('QUERY_TOO_COSTLY', {
      message: `The operation costs ${cost}; at most ${limit} is run. Ask for smaller pages (first), or for fewer lists in lists`,
      measured: cost,
      limit,
      node: operation,
    })
  }
}

function schemaCosts(schema: GraphQLSchema): SchemaCosts {
  const fields = new WeakMap<GraphQLField<unknown, unknown>, FieldCost>()
  const mutations = schema.getMutationType()
  return {
    schema,
    isSized: sizedFields(schema),
    field(field, parent) {
      const known = fields.get(field)
      if (known) return known
      const made = fieldCost(field, parent === mutations)
      fields.set(field, made)
      return made
    },
  }
}
