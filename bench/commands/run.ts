import type { Child } from '../support/child.ts'
import { LoadResult } from '../support/load.ts'
import type { ClientRequest } from './client.child.ts'

/** Has a client send a load, and answers what came of it. */
export async function runOn(client: Child, request: ClientRequest): Promise<LoadResult> {
  return LoadResult.parse(await client.call(request))
}
