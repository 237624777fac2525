import type { AnyAuthorize } from '../schema/authorize.ts'

/** What a value is in the graph, and thereby how it is written in an answer. */
export type ValueKind =
  'text' | 'id' | 'int' | 'long' | 'decimal' | 'float' | 'boolean' | 'datetime' | 'date' | 'json' | 'enum'

/** What the values of a scalar are, by its name in the graph. Of other scalars it has to be said. */
export const SCALAR_KINDS: ReadonlyMap<string, ValueKind> = new Map<string, ValueKind>([
  ['String', 'text'],
  ['ID', 'id'],
  ['Int', 'int'],
  ['Float', 'float'],
  ['Boolean', 'boolean'],
  ['Long', 'long'],
  ['Decimal', 'decimal'],
  ['DateTime', 'datetime'],
  ['Date', 'date'],
  ['JSON', 'json'],
])

/** How an entity type lies in a table. Plain data but for `authorize`. */
export interface EntityMapping {
  readonly type: string
  readonly table: string
  /** The connection's own unless given. */
  readonly schema?: string
  /** The field of a representation → its column. All of them are needed to find a row. */
  readonly key: Readonly<Record<string, string>>
  /** The fields that the table can answer, by their names in the graph. */
  readonly fields: Readonly<Record<string, FieldMapping>>
  readonly authorize?: AnyAuthorize
  /** What hooks see of a row, by name: columns of which the graph shows nothing too. The fields unless given. */
  readonly row?: Readonly<Record<string, FieldMapping>>
}

export interface FieldMapping {
  readonly column: string
  readonly kind: ValueKind
  /** Not null in the graph: a null is left to the subgraph, which says what is wrong with it. */
  readonly required?: boolean
  /** The names of an enum. Any other value is left to the subgraph. */
  readonly values?: readonly string[]
  /** What is in a `json` column whose type in the graph is not the scalar JSON. */
  readonly shape?: JsonShape
  /** The column's type in a foreign table, such as `uuid`; that of its kind unless given. */
  readonly sqlType?: string
}

/** The type of a value in JSON, as the graph has it. */
export type JsonShape =
  | { readonly required: boolean; readonly list: JsonShape }
  | {
      readonly required: boolean
      readonly type: string
      readonly fields: Readonly<Record<string, JsonShape>>
    }
  | { readonly required: boolean; readonly kind: ValueKind; readonly values?: readonly string[] }

/** The value kind of a representation's field: that of the graph's field with its name, an id otherwise. */
export function keyKind({ fields }: EntityMapping, field: string): ValueKind {
  return fields[field]?.kind ?? 'id'
}

/**
 * What has to be read for the hooks, whatever is asked for.
 * @throws TypeError when they need what there is not
 */
export function neededValues(
  mapping: EntityMapping,
): readonly (readonly [name: string, field: FieldMapping])[] {
  const { type, authorize, fields, row = fields } = mapping
  if (!authorize) return []
  return (authorize.needs ?? Object.keys(row)).map((name) => {
    const field = Object.hasOwn(row, name) ? row[name] : undefined
    if (!field) throw new TypeError(`The hooks of ${type} need ${name}, which is not mapped`)
    return [name, field]
  })
}

/** Whether a subgraph can be asked for all that the hooks need: as fields, with the same values. */
function canAskForNeeded(mapping: EntityMapping): boolean {
  return neededValues(mapping).every(([name, { kind }]) => {
    const field = mapping.fields[name]
    return field !== undefined && (field.kind === kind || (STRINGS.has(field.kind) && STRINGS.has(kind)))
  })
}

/**
 * Of hooks that are applied to what a subgraph answers over HTTP.
 * @throws TypeError when they need what the subgraph cannot be asked for
 */
export function assertApplicable(mapping: EntityMapping): void {
  if (canAskForNeeded(mapping)) return
  throw new TypeError(
    `The hooks of ${mapping.type} need values that are no fields of the graph: its subgraph has to apply them, or they have to say what they need`,
  )
}

/** Kinds whose values are the same strings. */
const STRINGS = new Set<ValueKind>(['text', 'id', 'enum'])
