import { BadUserInputError } from '../errors.ts'

/**
 * An opaque cursor over texts. What it belongs to stands in it, so that a cursor of another list, or of another ordering
 * of the same, is told from one of this.
 */
export function encodeCursor(kind: string, ...parts: string[]): string {
  return Buffer.from(JSON.stringify([kind, ...parts])).toString('base64url')
}

/**
 * The texts of a cursor of this kind.
 * @throws BadUserInputError when it is garbage, or belongs to something else
 */
export function decodeCursor(cursor: string, kind: string, length: number): string[] {
  const [actual, ...parts] = parse(cursor)
  if (actual === undefined || parts.length !== length)
    throw unusable('is not a cursor; take one from an answer')
  if (actual !== kind) throw unusable('is a cursor of another list or ordering; start without one')
  return parts
}

export const unusable = (message: string) => new BadUserInputError('after', message)

function parse(cursor: string): string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (!Array.isArray(value)) return []
    const parts: unknown[] = value
    return parts.every((part) => typeof part === 'string') ? parts : []
  } catch {
    return []
  }
}
