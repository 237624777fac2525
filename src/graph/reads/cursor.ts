import { BadUserInputError } from '../errors.ts'
import type { SealedCursors } from './sealed-cursors.ts'

/**
 * An opaque cursor over texts. What it belongs to stands in it, so that a cursor of another list, or of another ordering
 * of the same, is told from one of this.
 */
export function encodeCursor(kind: string, ...parts: string[]): string {
  return Buffer.from(textOf(kind, parts)).toString('base64url')
}

/** The same for who may not know the texts. */
export function sealCursor(sealed: SealedCursors, kind: string, ...parts: string[]): string {
  return sealed.seal(textOf(kind, parts))
}

const textOf = (kind: string, parts: readonly string[]) => JSON.stringify([kind, ...parts])

/**
 * The texts of a cursor of this kind.
 * @param sealed with which some of its kind were made
 * @throws BadUserInputError when it is garbage, or belongs to something else
 */
export function decodeCursor(cursor: string, kind: string, length: number, sealed?: SealedCursors): string[] {
  const [actual, ...parts] = parse(sealed?.open(cursor) ?? Buffer.from(cursor, 'base64url').toString('utf8'))
  if (actual === undefined || parts.length !== length)
    throw unusable('is not a cursor; take one from an answer')
  if (actual !== kind) throw unusable('is a cursor of another list or ordering; start without one')
  return parts
}

export const unusable = (message: string) => new BadUserInputError('after', message)

function parse(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value)) return []
    const parts: unknown[] = value
    return parts.every((part) => typeof part === 'string') ? parts : []
  } catch {
    return []
  }
}
