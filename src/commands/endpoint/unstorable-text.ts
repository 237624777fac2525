import type { InputError } from '../../streams/errors.ts'
import { isUnstorable } from '../../streams/events/unstorable.ts'
import { MOST_ERRORS, extended } from './input-errors.ts'

/** The escapes that can stand for what is sought here: a quick look before the whole body is walked. */
const SUSPECT = /\\u(0000|d[89a-f])/i

/**
 * Finds the texts that JSON can carry and PostgreSQL cannot: with a NUL, or with half a surrogate pair. Taken into the
 * log, they would stop every projection that stores them. It ends where nobody wants to read on.
 *
 * @param json the body as it came
 * @param value the same, parsed
 */
export function unstorableTexts(json: string, value: unknown): InputError[] {
  if (!SUSPECT.test(json)) return []
  const found: InputError[] = []
  // Not by calls: a body may be nested deeper than the stack is.
  const left: { value: unknown; path: string }[] = [{ value, path: '' }]
  for (let next = left.pop(); next && found.length <= MOST_ERRORS; next = left.pop()) {
    const { value: one, path } = next
    if (typeof one === 'string' && isUnstorable(one))
      found.push({ path, message: 'holds a character that cannot be stored' })
    if (typeof one !== 'object' || one === null) continue
    for (const [name, item] of Object.entries(one).toReversed()) {
      if (!isUnstorable(name)) left.push({ value: item, path: extended(path, name) })
      else if (found.push({ path, message: 'has a property whose name cannot be stored' }) > MOST_ERRORS)
        break
    }
  }
  return found
}
