import { reason } from '../../../projections/errors.ts'
import { HeadwaterError } from '../../../streams/errors.ts'
import { StepTimeoutError, TableReadError, UnsuitedError } from '../errors.ts'
import { maskOf } from './mask.ts'

/** What a database means by an error. `value`: it refuses a value, and nothing is wrong with the database. */
export type ErrorMeaning = 'value' | 'timeout' | 'failure'

/** Answers how a driver's errors are told: by what they mean, without what nobody is to know. */
export function translator(
  { subgraph, url }: { subgraph: string; url: string },
  meaningOf: (code: string) => ErrorMeaning,
): (error: unknown) => HeadwaterError {
  const mask = maskOf(url)
  return (error) => {
    if (error instanceof HeadwaterError) return error
    const code = codeOf(error)
    const meaning = meaningOf(code)
    if (meaning === 'value') return new UnsuitedError(`the database refuses a value (${code})`)
    if (meaning === 'timeout') return new StepTimeoutError(`the database stopped the statement (${code})`)
    return new TableReadError(subgraph, mask(`${reason(error)} (${code})`))
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no code'
  // mysql2 has no names for the errors of MariaDB alone.
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'errno' in error ? String(error.errno) : 'no code'
}
