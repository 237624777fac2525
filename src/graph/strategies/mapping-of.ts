import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql/index.js'
import type { ColumnKind, ColumnSet } from '../../projections/definition/column.ts'
import type { AnyAuthorize } from '../schema/authorize.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import type { EntityType, KeyedEntity } from '../schema/entity-type.ts'
import { propertyOf } from '../schema/property-of.ts'
import {
  type EntityMapping,
  type FieldMapping,
  type JsonShape,
  type ValueKind,
  SCALAR_KINDS,
} from './entity-mapping.ts'

/** What is needed of an entity; an `EntityDefinition` has it. */
export interface MappedEntity {
  readonly type: string
  /** The field of its representations; in the row it is `id`. */
  readonly key: string
  readonly table: string
  readonly projection: { readonly columns: ColumnSet }
  /** What columns are called in the graph, where that is not their camel case. */
  readonly names?: Readonly<Record<string, string>>
  readonly authorize?: AnyAuthorize
}

/** True for those that `defineEntity` makes: rows of a projection. */
export function isMappedEntity(entity: EntityType): entity is KeyedEntity & MappedEntity {
  return 'table' in entity && 'projection' in entity
}

export interface MappingOptions {
  /** What the subgraph's graphs make. */
  schema: GraphQLSchema
  /** They say which fields have a resolver. */
  graphs: readonly GraphDefinition[]
  /** Of the tables, when it is not the connection's own. */
  tableSchema?: string
}

/**
 * How an entity of Headwater lies in its table: the fields of its type that are properties of the row, because they have
 * neither a resolver nor arguments, and whose type in the graph shows the column as it is.
 *
 * @throws TypeError when the schema has no such type
 */
export function mappingOf(
  entity: MappedEntity,
  { schema, graphs, tableSchema }: MappingOptions,
): EntityMapping {
  const { key, table, authorize } = entity
  const type = schema.getType(entity.type)
  if (!isObjectType(type)) throw new TypeError(`${entity.type} is no object type of the schema`)
  const plain: PlainFields = (owner) =>
    Object.values(owner.getFields()).filter(
      ({ name, args }) =>
        args.length === 0 && !graphs.some(({ resolvers }) => resolvers[owner.name]?.[name] !== undefined),
    )
  const properties = propertiesOf(entity)
  const fields = plain(type).flatMap((field): [string, FieldMapping][] => {
    const column = properties.get(field.name)
    const mapped = column && fieldMapping(column, field.type, plain)
    return mapped ? [[field.name, mapped]] : []
  })
  return {
    type: entity.type,
    table,
    ...(tableSchema !== undefined && { schema: tableSchema }),
    key: { [key]: KEY_COLUMN },
    fields: Object.fromEntries(fields),
    ...(authorize && {
      authorize,
      row: Object.fromEntries(
        [...properties].map(([name, { column, kind }]) => [name, { column, kind: ROW_KINDS[kind] }]),
      ),
    }),
  }
}

/** Where `defineEntity` has the key's value from. */
const KEY_COLUMN = 'id'

/** As the resolvers of a subgraph, and the hooks there, have the values of a row. */
const ROW_KINDS: Record<ColumnKind, ValueKind> = {
  text: 'text',
  numeric: 'decimal',
  timestamp: 'datetime',
  bigint: 'long',
  integer: 'int',
  boolean: 'boolean',
  json: 'json',
}

type PlainFields = (owner: GraphQLObjectType) => { name: string; type: GraphQLOutputType }[]

interface ColumnOf {
  readonly column: string
  readonly kind: ColumnKind
}

/** The columns by what they are called in the graph. */
function propertiesOf({ key, projection, names = {} }: MappedEntity): ReadonlyMap<string, ColumnOf> {
  const columns = Object.entries(projection.columns)
  return new Map([
    ...columns.map(([column, { kind }]): [string, ColumnOf] => [
      names[column] ?? propertyOf(column),
      { column, kind },
    ]),
    [key, { column: KEY_COLUMN, kind: 'text' }],
  ])
}

/** The scalars that show a column as it is, and what they make of it. */
const KINDS: Record<ColumnKind, Readonly<Record<string, ValueKind>>> = {
  text: { String: 'text', ID: 'id' },
  numeric: { Decimal: 'decimal', Float: 'float' },
  timestamp: { DateTime: 'datetime' },
  bigint: { Long: 'long', Int: 'int', Float: 'float' },
  integer: { Int: 'int', Long: 'long', Float: 'float' },
  boolean: { Boolean: 'boolean' },
  json: { JSON: 'json' },
}

function fieldMapping(
  { column, kind }: ColumnOf,
  declared: GraphQLOutputType,
  plain: PlainFields,
): FieldMapping | undefined {
  const required = isNonNullType(declared)
  const type = isNonNullType(declared) ? declared.ofType : declared
  if (isScalarType(type)) {
    const found = KINDS[kind][type.name]
    if (found) return { column, kind: found, required }
  }
  if (kind === 'text' && isEnumType(type)) {
    const values = enumValues(type)
    return values && { column, kind: 'enum', required, values }
  }
  const shape = kind === 'json' ? shapeOf(declared, plain, []) : undefined
  return shape && { column, kind: 'json', required, shape }
}

/** @param within the object types around it: one that holds itself has no end */
function shapeOf(
  declared: GraphQLOutputType,
  plain: PlainFields,
  within: readonly GraphQLNamedType[],
): JsonShape | undefined {
  const required = isNonNullType(declared)
  const type = isNonNullType(declared) ? declared.ofType : declared
  if (isListType(type)) {
    const list = shapeOf(type.ofType, plain, within)
    return list && { required, list }
  }
  if (isEnumType(type)) {
    const values = enumValues(type)
    return values && { required, kind: 'enum', values }
  }
  if (isScalarType(type)) {
    const kind = SCALAR_KINDS.get(type.name)
    return kind && { required, kind }
  }
  if (!isObjectType(type) || within.includes(type)) return undefined
  const fields = plain(type).flatMap((field): [string, JsonShape][] => {
    const shape = shapeOf(field.type, plain, [...within, type])
    return shape ? [[field.name, shape]] : []
  })
  return { required, type: type.name, fields: Object.fromEntries(fields) }
}

/** Undefined when the enum's values are called otherwise in the graph than in the row. */
function enumValues(type: {
  getValues(): readonly { name: string; value: unknown }[]
}): string[] | undefined {
  const values = type.getValues()
  return values.every(({ name, value }) => name === value) ? values.map(({ name }) => name) : undefined
}
