import { type GraphQLSchema, isObjectType } from 'graphql/index.js'
import { reason } from '../../projections/errors.ts'
import type { Logger } from '../../streams/logger.ts'
import type { GraphContext } from '../context/context.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import type { SubgraphOperation, SubgraphRequest } from '../gateway/subgraph.ts'
import { conditionVariables } from './conditions.ts'
import { type EntityFetch, entityOperations } from './entity-operation.ts'
import { UnsuitedError } from './errors.ts'
import { type OwnTable, isOwnEntity, ownTable } from './own-table.ts'
import { type Part, type Slot, slotsByType } from './slots.ts'

/** The data of an operation that has been read out of tables; undefined when the subgraph has to be executed for it. */
export type ReadOwnRows = (
  asked: SubgraphRequest,
  context: GraphContext,
) => Promise<Readonly<Record<string, unknown>> | undefined>

export interface OwnRowsOptions {
  schema: GraphQLSchema
  /** The graphs that the schema is made of. */
  graphs: readonly GraphDefinition[]
  logger: Logger | undefined
}

/**
 * What a subgraph in this process answers to `_entities` where everything that is asked for is columns of its own tables: the
 * columns that `direct-db` would read, through the service's own connections, and no objects, histories and execution. The
 * rows are waited for, and their positions told, as resolvers do.
 *
 * It answers only what it is sure of. For anything else the subgraph is executed, in the same context: fields with a resolver,
 * hooks that refuse a field or throw, values that a scalar refuses, a representation that is none, a statement that fails. So
 * there is one place that says what is wrong, and one way to say it.
 */
export function createOwnRows({ schema, graphs, logger }: OwnRowsOptions): ReadOwnRows {
  const tables = new Map(
    graphs
      .flatMap(({ entities = [] }) => entities)
      .filter(isOwnEntity)
      .map((entity): [string, OwnTable] => [entity.type, ownTable(entity, { schema, graphs })]),
  )
  const operationOf = entityOperations((name) => isObjectType(schema.getType(name)))
  const conditionsOf = rememberedConditions()

  return async ({ operation: asked, variables }, context) => {
    // What is no boolean, or not there, is made one by whoever executes the operation.
    if (!conditionsOf(asked)?.every((name) => typeof variables[name] === 'boolean')) return undefined
    const operation = operationOf(asked, variables)
    const byType = operation && slotsByType(operation.fetches, variables)
    if (!byType || byType.size === 0 || hasMerged(operation.fetches)) return undefined
    const reads: [slots: readonly Slot[], read: () => Promise<Part>][] = []
    for (const [type, slots] of byType) {
      const read = tables.get(type)?.prepare(operation, slots, context)
      if (!read) return undefined
      reads.push([slots, read])
    }
    try {
      const parts = await Promise.all(reads.map(([, read]) => read()))
      return dataOf(
        operation.fetches,
        parts.map((part, at) => [reads[at]?.[0] ?? [], valuesOf(part)]),
      )
    } catch (error) {
      // Whatever it is, the subgraph says it: an error of the database as well, which it will meet itself.
      if (!(error instanceof UnsuitedError))
        logger?.debug({ reason: reason(error) }, 'columns could not be read: the subgraph is executed')
      return undefined
    }
  }
}

/** Answers the variables of an operation's `@skip` and `@include`; undefined for an operation that no table suits. */
function rememberedConditions() {
  const known = new WeakMap<SubgraphOperation, readonly string[] | undefined>()
  return (operation: SubgraphOperation) => {
    if (!known.has(operation)) known.set(operation, conditionVariables(operation.document))
    return known.get(operation)
  }
}

/** What two fetches have at one place is to be merged, which is the business of whoever executes them. */
function hasMerged(fetches: readonly EntityFetch[]): boolean {
  return new Set(fetches.map(({ responseKey }) => responseKey)).size < fetches.length
}

/** @throws UnsuitedError when there is something wrong with one of them */
function valuesOf({ values, errors }: Part): readonly unknown[] {
  if (errors.length > 0)
    throw new UnsuitedError('a field or a row that may not be seen, and an error that says so')
  return values
}

function dataOf(
  fetches: readonly EntityFetch[],
  parts: readonly (readonly [slots: readonly Slot[], values: readonly unknown[]])[],
): Record<string, unknown> {
  const lists = new Map(fetches.map(({ responseKey }): [string, unknown[]] => [responseKey, []]))
  for (const [slots, values] of parts) {
    for (const [position, { fetch, index }] of slots.entries()) {
      const list = lists.get(fetch.responseKey)
      if (list) list[index] = values[position]
    }
  }
  return Object.fromEntries(lists)
}
