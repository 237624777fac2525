import type { IncomingHttpHeaders } from 'node:http'
import type { OperationOrigin } from './operation.ts'

/**
 * The headers of an operation. A page can set none when it opens a WebSocket: what it says of itself when it begins
 * (`connectionParams: { authorization }`) counts as headers that are not there otherwise.
 */
export function headersOf({ headers, connectionParams = {} }: OperationOrigin): IncomingHttpHeaders {
  const said = Object.entries(connectionParams).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
  )
  return said.length === 0 ? headers : { ...Object.fromEntries(said), ...headers }
}
