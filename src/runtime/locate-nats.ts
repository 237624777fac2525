import type { Config } from './config/index.ts'
import { readEndpoints } from './endpoints-file.ts'
import { NoServiceError } from './no-service.ts'

/**
 * Where the NATS system of a running service is: as configured, else where the service that runs in this folder wrote
 * it. Nothing is guessed: on the default port somebody else's service may listen.
 *
 * @throws NoServiceError when neither tells
 */
export async function locateNats({ nats, dataDir }: Config): Promise<string> {
  const url = nats.url ?? (await readEndpoints(dataDir))?.nats
  if (url !== undefined) return url
  throw new NoServiceError('say where NATS is with NATS_URL')
}
