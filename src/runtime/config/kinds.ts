import { z } from 'zod'
import { formatBytes, parseBytes } from './bytes.ts'

/** How a value is written as text: in an environment variable, in a table on the terminal. */
export type Kind = 'text' | 'number' | 'boolean' | 'bytes' | 'list' | 'table'

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
  /** Paths of files that must be there, or of a folder that need not. */
  readonly path?: 'file' | 'folder'
  /** The default when NODE_ENV is `production`. */
  readonly productionDefault?: boolean
  readonly choices?: readonly string[]
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
export function secret(description: string) {
  const type = 'text of 1 to 4096 characters'
  return z.string().min(1).max(4096).register(notesOf, { kind: 'text', type, description, secret: 'value' })
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
