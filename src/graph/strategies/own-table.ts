import type { GraphQLSchema } from 'graphql/index.js'
import { DatabaseError } from 'pg'
import type { GraphContext } from '../context/context.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import type { EntityRows } from '../reads/entity.ts'
import type { EntityType, KeyedEntity } from '../schema/entity-type.ts'
import type { ProjectionSource } from '../freshness/projection-source.ts'
import type { RawRow } from './drivers/table-driver.ts'
import type { EntityMapping } from './entity-mapping.ts'
import type { EntityOperation } from './entity-operation.ts'
import { UnsuitedError } from './errors.ts'
import { type MappedEntity, isMappedEntity, mappingOf } from './mapping-of.ts'
import { columnStatements } from './own-statements.ts'
import { serialise } from './serialise.ts'
import type { Part, Slot } from './slots.ts'
import type { RowReading } from './present-rows.ts'
import { createTableView } from './table-view.ts'

/** An entity that `defineEntity` has made, found as that has it. */
type OwnEntity = KeyedEntity &
  MappedEntity & { readonly rows: EntityRows; readonly projection: ProjectionSource }

/** False as well for one that has been given another way to its objects: who has done so wants it gone. */
export function isOwnEntity(entity: EntityType): entity is OwnEntity {
  if (!isMappedEntity(entity) || !('rows' in entity)) return false
  return isRows(entity.rows) && entity.rows.foundBy === entity.resolveAll
}

/** The rows of an entity of this process, by the columns that are asked for. */
export interface OwnTable {
  /** Undefined when columns cannot answer all that is asked for, or have not been to be had a moment ago. */
  prepare(
    operation: EntityOperation,
    slots: readonly Slot[],
    context: GraphContext,
  ): (() => Promise<Part>) | undefined
}

/**
 * For so long a table is left to the subgraph when the database has refused its columns: one that a release before this one
 * has made does not have all of them until it is rebuilt. In milliseconds.
 */
const PAUSE_MS = 5000
/** Class 22: it is a value that was refused, and not the statement. */
const DATA_EXCEPTION = /^22/

/** Rows of our own connections have the values that resolvers would get, so that only the scalars are left to be asked. */
const READING: RowReading = {
  shown({ kind, required, values, shape }, raw) {
    const value = raw === undefined ? null : raw
    if (value === null && required) throw new UnsuitedError('a null in a field that is not nullable')
    if (kind === 'enum' && value !== null && !values?.some((name) => name === value))
      throw new UnsuitedError('a value that the enum does not have')
    return shape || kind === 'json' ? value : serialise(kind, value)
  },
  needed: (_, raw) => raw,
}

/** @throws TypeError when the schema has no such type */
export function ownTable(
  entity: OwnEntity,
  { schema, graphs }: { schema: GraphQLSchema; graphs: readonly GraphDefinition[] },
): OwnTable {
  const { table, rows, projection } = entity
  const mapping = withWholeRow(mappingOf(entity, { schema, graphs }))
  // A hook that throws is the subgraph's to tell, and to log.
  const view = createTableView({
    mapping,
    place: { schema: undefined, table },
    reading: READING,
    logger: undefined,
  })
  const statementOf = columnStatements(table)
  let pausedUntil = 0

  return {
    prepare(operation, slots, context) {
      const asked = performance.now() < pausedUntil ? undefined : view.ask(operation, slots)
      if (!asked) return undefined
      const ids = asked.keys.flat().map(String)
      if (ids.some((id) => !rows.isKey(id))) return undefined
      const statement = statementOf(asked.query)
      return async () => {
        await context.beforeRead(projection)
        return asked.present(await context.read<RawRow>(statement, [ids]).catch(refused), context.caller)
      }
    },
  }

  function refused(error: unknown): never {
    if (error instanceof DatabaseError && !DATA_EXCEPTION.test(error.code ?? ''))
      pausedUntil = performance.now() + PAUSE_MS
    throw error
  }
}

/** Here hooks have always had the whole row, whatever they say that they need. */
function withWholeRow({ authorize, ...mapping }: EntityMapping): EntityMapping {
  if (!authorize) return mapping
  const { needs: _, ...hooks } = authorize
  return { ...mapping, authorize: hooks }
}

function isRows(value: unknown): value is EntityRows {
  return typeof value === 'object' && value !== null && 'isKey' in value && 'foundBy' in value
}
