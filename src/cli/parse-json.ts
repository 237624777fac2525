import { HeadwaterError } from '../streams/errors.ts'

/** What a person has typed as JSON. Throws MALFORMED_JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new HeadwaterError({
      code: 'MALFORMED_JSON',
      status: 400,
      detail: `The data is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`,
    })
  }
}
