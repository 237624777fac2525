import { z } from 'zod'
import { formatBytes, parseBytes } from './bytes.ts'

/**
 * How a value is written as text: in an environment variable, in a table on the terminal. `json`: a list or a table whose
 * entries are checked each by itself, at a place of their own (`federation.subgraphs[1].name`).
 */
export type Kind = 'text' | 'number' | 'boolean' | 'bytes' | 'list' | 'table' | 'json'

/** What the schema knows of a key besides its checks. */
export interface Notes {
  readonly kind: Kind
  /** What a right value is; it ends the sentence "70000 is not …". */
  readonly type: string
  /** Unit included. */
  readonly description: string
  /** `value`: never shown. `url`: shown without its password. */
  readonly secret?: 'value' | 'url'
  /** A name in the environment besides the derived one. */
  readonly env?: string
  /** Paths of files that must be there, of a folder that need not, or in an address `sqlite:path`. */
  readonly path?: 'file' | 'folder' | 'sqlite'
  /** The default when NODE_ENV is `production`. */
  readonly productionDefault?: boolean
  readonly choices?: readonly string[]
  /** Only `${NAME}` may bring a password, a token or a user of HTTP into the file. */
  readonly credentialsFromEnvironment?: boolean
  /** What the names in a table of kind `json` are, in words. */
  readonly names?: string
}

/** The notes of every key, by its schema without `default` or `optional` around it. */
export const notesOf = z.registry<Notes>()

/** A whole number. */
export function integer(description: string, min: number, max: number) {
  const type = `a whole number from ${min} to ${max}`
  return z.int().min(min).max(max).register(notesOf, { kind: 'number', type, description })
}

/** A TCP port; 0 takes any free one. */
export function port(description: string) {
  return integer(description, 0, 65_535)
}

/** A size in bytes, as a number or with a unit: `1048576`, `"512KB"`, `"1MB"`. */
export function bytes(description: string, min: number, max: number) {
  const type = `a size from ${formatBytes(min)} to ${formatBytes(max)}, such as 65536, "512KB" or "1MB"`
  return z
    .union([z.number(), z.string().transform((text) => parseBytes(text) ?? Number.NaN)])
    .pipe(z.int().min(min).max(max))
    .register(notesOf, { kind: 'bytes', type, description })
}

export function flag(description: string, more: Pick<Notes, 'productionDefault'> = {}) {
  return z.boolean().register(notesOf, { kind: 'boolean', type: 'true or false', description, ...more })
}

export function choice<const T extends string>(description: string, choices: readonly T[]) {
  const type = `one of ${choices.join(', ')}`
  return z.enum(choices).register(notesOf, { kind: 'text', type, description, choices })
}

/** Text that matches a pattern; `type` says the pattern in words. */
export function text(description: string, type: string, pattern: RegExp) {
  return z.string().regex(pattern).register(notesOf, { kind: 'text', type, description })
}

/** Text that is never shown. */
export function secret(description: string, shortest = 1) {
  const type = `text of ${shortest} to 4096 characters`
  return z
    .string()
    .min(shortest)
    .max(4096)
    .register(notesOf, { kind: 'text', type, description, secret: 'value' })
}

export function url(description: string, type: string, env: string, isRight: (text: string) => boolean) {
  return z.string().refine(isRight).register(notesOf, { kind: 'text', type, description, env, secret: 'url' })
}

export function host(description: string) {
  return text(description, 'a host name or address', /^[A-Za-z0-9._:-]{1,253}$/)
}

/** Relative to the file it is written in, elsewhere to the working directory; absolute once loaded. */
export function path(description: string, kind: 'file' | 'folder') {
  const type = `the path of a ${kind}`
  return z.string().min(1).register(notesOf, { kind: 'text', type, description, path: kind })
}

export function paths(description: string) {
  const type = 'a list of paths of files'
  return z.array(z.string().min(1)).register(notesOf, { kind: 'list', type, description, path: 'file' })
}

/** A number that need not be whole. */
export function decimal(description: string, min: number, max: number) {
  const type = `a number from ${min} to ${max}`
  return z.number().min(min).max(max).register(notesOf, { kind: 'number', type, description })
}

const isDistinct = (items: readonly unknown[]) => new Set(items).size === items.length

/** Texts that match a pattern, none of them twice; `type` says the list in words. */
export function texts(description: string, type: string, pattern: RegExp) {
  return z
    .array(z.string().regex(pattern))
    .refine(isDistinct)
    .register(notesOf, { kind: 'list', type, description })
}

/** A list whose entries are each checked by themselves, at a place of their own; `type` says it in words. */
export function list<T extends z.core.SomeType>(description: string, type: string, entry: T) {
  return z.array(entry).register(notesOf, { kind: 'json', type, description })
}

/** A table with names of the user’s own, its entries checked each by itself. `names` and `type` say both in words. */
export function table<T extends z.core.SomeType>(
  description: string,
  { type, names, pattern }: { type: string; names: string; pattern: RegExp },
  entry: T,
) {
  return z
    .record(z.string().regex(pattern), entry)
    .register(notesOf, { kind: 'json', type, names, description })
}
