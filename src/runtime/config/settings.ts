import { z } from 'zod'
import { notesOf, type Notes } from './kinds.ts'
import { environmentName, keyOf } from './names.ts'
import { configSchema } from './schema.ts'

/** One key of the configuration. */
export interface Setting {
  /** As in code: `['postgres', 'poolSize']`. */
  readonly path: readonly string[]
  /** As in TOML: `postgres.pool_size`. */
  readonly key: string
  /** Its names in the environment, the one that wins first. */
  readonly env: readonly string[]
  /** Checks a value that is there. */
  readonly schema: z.core.$ZodType
  readonly notes: Notes
  /** undefined: the key may stay unset. */
  readonly defaultValue: unknown
}

/** A table of keys; the root has the empty path. */
export interface Section {
  readonly path: readonly string[]
  readonly description: string
  /** By the name in code. */
  readonly children: ReadonlyMap<string, Section | Setting>
}

export function isSection(node: Section | Setting): node is Section {
  return 'children' in node
}

function read(path: readonly string[], schema: z.core.$ZodType, defaultValue?: unknown): Section | Setting {
  if (schema instanceof z.ZodDefault) return read(path, schema.unwrap(), schema.def.defaultValue)
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional)
    return read(path, schema.unwrap())
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.core.$ZodType>(schema.shape)
    const children = new Map(fields.map(([name, field]) => [name, read([...path, name], field)]))
    return { path, description: schema.description ?? '', children }
  }
  const notes = notesOf.get(schema)
  if (notes === undefined) throw new TypeError(`${keyOf(path)} has no notes: make its schema with kinds.ts`)
  const derived = environmentName(path)
  const env = notes.env === undefined ? [derived] : [derived, notes.env]
  return { path, key: keyOf(path), env, schema, notes, defaultValue }
}

function settingsOf(node: Section | Setting): Setting[] {
  return isSection(node) ? [...node.children.values()].flatMap(settingsOf) : [node]
}

const tree = read([], configSchema)

/** The schema as a tree of its names. */
export const root: Section = isSection(tree) ? tree : { path: [], description: '', children: new Map() }

/** Every key, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(root)
