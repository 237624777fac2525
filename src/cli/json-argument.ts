import { text } from 'node:stream/consumers'
import { HeadwaterError } from '../streams/errors.ts'

/** The JSON of an argument: `{}` when it is left out, standard input for `-`. Throws MALFORMED_JSON. */
export async function jsonOf(argument: string | undefined): Promise<unknown> {
  return parseJson(argument === '-' ? await text(process.stdin) : (argument ?? '{}'))
}

function parseJson(json: string): unknown {
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
