import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The tests start a hundred processes, which compile the same sources: a third of the time that a command takes. */
const COMPILE_CACHE = join(tmpdir(), 'headwater-test-compile-cache')

const NOT_A_NEW_USERS =
  /^(HEADWATER_|NATS_URL$|DATABASE_URL$|npm_(?!config_globalconfig$)|NODE_(?!EXTRA_CA_CERTS$)|VITEST|INIT_CWD)/

/**
 * The environment of a new user: nothing of Headwater’s is set, the system’s own Node comes first, a company’s registry is trusted.
 * npm looks for the settings of the whole machine (a certificate, a registry) beside the Node that runs it; where it has told us
 * where they are, that stays, for those who run it with another Node.
 */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !NOT_A_NEW_USERS.test(entry[0]),
  )
  const env = Object.fromEntries(kept)
  const path = (env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return { ...env, PATH: path.join(':'), NODE_COMPILE_CACHE: COMPILE_CACHE, ...extra }
}
