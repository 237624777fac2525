import type { InputError } from '../../streams/errors.ts'
import { isUnstorable } from '../../streams/events/unstorable.ts'

/** The escapes that can stand for what is sought here: a quick look before the whole body is walked. */
const SUSPECT = /\\u(0000|d[89a-f])/i

/**
 * Finds the texts that JSON can carry and PostgreSQL cannot: with a NUL, or with half a surrogate pair. Taken into the
 * log, they would stop every projection that stores them.
 *
 * @param json the body as it came
 * @param value the same, parsed
 */
export function unstorableTexts(json: string, value: unknown): InputError[] {
  return SUSPECT.test(json) ? [...search(value, '')] : []
}

function* search(value: unknown, path: string): Generator<InputError> {
  if (typeof value === 'string') {
    if (isUnstorable(value)) yield { path, message: 'holds a character that cannot be stored' }
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, item] of Object.entries(value)) {
    const inner = path === '' ? name : `${path}.${name}`
    if (isUnstorable(name)) yield { path, message: 'has a property whose name cannot be stored' }
    else yield* search(item, inner)
  }
}
