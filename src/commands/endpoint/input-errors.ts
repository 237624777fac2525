import type { InputError } from '../../streams/errors.ts'

/** So many are told of one command: a body may have as many as it has bytes, and each is named with its path. */
export const MOST_ERRORS = 50
/** Characters of a path, and of what is said of it: names in a body may be as long as it is. */
const PATH_LENGTH = 200
const MESSAGE_LENGTH = 500

/** The path of something inside. One that is cut already does not get longer. */
export function extended(path: string, name: string): string {
  if (path.length > PATH_LENGTH) return path
  const short = name.slice(0, PATH_LENGTH + 1)
  return path === '' ? short : `${path}.${short}`
}

/** The first of them, each within bounds, and last how many there are besides. */
export function bounded(errors: readonly InputError[]): InputError[] {
  const told = errors.slice(0, MOST_ERRORS).map(({ path, message }) => ({
    path: cut(path, PATH_LENGTH),
    message: cut(message, MESSAGE_LENGTH),
  }))
  return errors.length > MOST_ERRORS
    ? [...told, { path: '', message: 'and more that is not told here' }]
    : told
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text
}
