import { z } from 'zod'
import { notesOf, type Notes } from './kinds.ts'
import { environmentName, snakeCase, tomlName, under } from './names.ts'
import { configSchema } from './schema.ts'

/** The names in code; numbers are places in a list. */
export type Path = readonly (string | number)[]

/** One key of the configuration. */
export interface Setting {
  /** As in code: `['postgres', 'poolSize']`. */
  readonly path: Path
  /** As in TOML: `postgres.pool_size`, `federation.subgraphs[1].pool_size`. */
  readonly key: string
  /** Its names in the environment, the one that wins first; none within a collection, which is one variable. */
  readonly env: readonly string[]
  /** Checks a value that is there. */
  readonly schema: z.core.$ZodType
  readonly notes: Notes
  /** undefined: the key may stay unset. */
  readonly defaultValue: unknown
  /** Nothing stands in for it when it is left out. */
  readonly required: boolean
}

/** A key whose value is a list, or a table with names of the user’s own: each entry is a node by itself. */
export interface Collection extends Setting {
  readonly isList: boolean
  /** Whether a name can be one of the table’s. */
  readonly isName: (name: string) => boolean
  readonly entry: (name: string | number) => Node
}

/** A table of keys; the root has the empty path. */
export interface Section {
  readonly path: Path
  readonly key: string
  readonly description: string
  /** By the name in code. */
  readonly children: ReadonlyMap<string, Node>
  /** The child that a value which is no table stands for. */
  readonly shorthand: string | undefined
}

export type Node = Section | Setting | Collection

export function isSection(node: Node): node is Section {
  return 'children' in node
}

export function isCollection(node: Node): node is Collection {
  return 'entry' in node
}

/** Where a schema stands. */
interface Place {
  readonly path: Path
  readonly key: string
  readonly inCollection: boolean
}

interface Presence {
  readonly required: boolean
  readonly defaultValue?: unknown
}

function read(place: Place, schema: z.core.$ZodType, presence: Presence = { required: true }): Node {
  if (schema instanceof z.ZodDefault)
    return read(place, schema.unwrap(), { required: false, defaultValue: schema.def.defaultValue })
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional)
    return read(place, schema.unwrap(), { required: false })
  if (schema instanceof z.ZodObject) return readSection(place, schema)
  const notes = notesOf.get(schema)
  if (notes === undefined) throw new TypeError(`${place.key} has no notes: make its schema with kinds.ts`)
  const { path, key } = place
  const { required, defaultValue } = presence
  const setting = { path, key, env: envOf(place, notes), schema, notes, defaultValue, required }
  return notes.kind === 'json' ? readCollection(setting) : setting
}

function readSection({ path, key, inCollection }: Place, schema: z.ZodObject): Section {
  const fields = Object.entries<z.core.$ZodType>(schema.shape)
  const children = fields.map(([name, field]): [string, Node] => [
    name,
    read({ path: [...path, name], key: under(key, snakeCase(name)), inCollection }, field),
  ])
  const shorthand = schema.meta()?.['shorthand']
  return {
    path,
    key,
    description: schema.description ?? '',
    children: new Map(children),
    shorthand: typeof shorthand === 'string' ? shorthand : undefined,
  }
}

function readCollection(setting: Setting): Collection {
  const { path, key, schema } = setting
  const inside = (name: string | number, inner: string): Place => ({
    path: [...path, name],
    key: inner,
    inCollection: true,
  })
  if (schema instanceof z.ZodArray)
    return {
      ...setting,
      isList: true,
      isName: () => false,
      entry: (place) => read(inside(place, `${key}[${place}]`), schema.element),
    }
  if (schema instanceof z.ZodRecord)
    return {
      ...setting,
      isList: false,
      isName: (name) => z.safeParse(schema.keyType, name).success,
      entry: (name) => read(inside(name, under(key, tomlName(`${name}`))), schema.valueType),
    }
  throw new TypeError(`${key} is of the kind json, but neither a list nor a table`)
}

function envOf({ path, inCollection }: Place, { env }: Notes): string[] {
  if (inCollection) return []
  const derived = environmentName(path.map(String))
  return env === undefined ? [derived] : [derived, env]
}

function settingsOf(node: Node): Setting[] {
  return isSection(node) ? [...node.children.values()].flatMap(settingsOf) : [node]
}

/** The schema as a tree of its names. */
export const root: Section = readSection({ path: [], key: '', inCollection: false }, configSchema)

/** Every key outside of collections, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(root)

/** The node at a path, or the setting that the path leads into; undefined when the schema has none there. */
export function nodeAt(path: Path): Node | undefined {
  return path.reduce<Node | undefined>((node, name) => {
    if (node === undefined) return undefined
    if (isSection(node)) return node.children.get(`${name}`)
    return isCollection(node) ? node.entry(name) : node
  }, root)
}
