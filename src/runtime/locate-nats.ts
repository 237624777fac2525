import { HeadwaterError } from '../streams/errors.ts'
import type { Config } from './config/index.ts'
import { readEndpoints } from './endpoints-file.ts'

/**
 * Where the NATS system of a running service is: as configured, else where the service that runs in this folder wrote
 * it. Nothing is guessed: on the default port somebody else's service may listen.
 *
 * @throws HeadwaterError NO_SERVICE when neither tells
 */
export async function locateNats({ nats, dataDir }: Config): Promise<string> {
  const url = nats.url ?? (await readEndpoints(dataDir))?.nats
  if (url !== undefined) return url
  throw new HeadwaterError({
    code: 'NO_SERVICE',
    status: 503,
    detail:
      'No service runs in this folder (its data folder has no endpoints.json): start one with `headwater start`, or say where NATS is with NATS_URL',
  })
}
