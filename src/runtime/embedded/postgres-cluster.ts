import { access, chown, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedServerError } from './errors.ts'
import { clusterIn } from './postgres-home.ts'
import type { Home } from './postgres-home.ts'
import type { Seat } from './postgres-seat.ts'
import { PROBE_MS, runCommand } from './run-command.ts'

/** The one role of an embedded cluster, its superuser: the projections create schemas and extensions. */
export const role = 'headwater'

/** PostgreSQL's programs read dozens of variables (PGDATA, PGOPTIONS, LC_ALL …); none of the user's own are meant here. */
export const environment: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }

/**
 * Written into postgresql.conf when the cluster is made, and a person's to change there. Durability (fsync,
 * synchronous_commit) is PostgreSQL's default and stays on.
 */
const settings = {
  shared_buffers: '128MB',
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
  // Fewer checkpoints while a projection is rebuilt.
  max_wal_size: '2GB',
  log_line_prefix: '%m [%p] ',
}

export function hasCluster(home: Home): Promise<boolean> {
  return access(join(clusterIn(home), 'PG_VERSION')).then(
    () => true,
    () => false,
  )
}

/**
 * Makes the cluster with `initdb` under another name and renames it when it is complete, so that an interrupted first
 * start leaves nothing that looks like data.
 */
export async function createCluster({ identity, binaries, home }: Seat, password: string): Promise<void> {
  await removeUnfinished(home)
  const work = await mkdtemp(join(home.folder, unfinished))
  // A file: what node offers as standard input is a socket, which no program can open as /dev/stdin.
  const passwordFile = `${work}.password`
  try {
    const { uid, gid } = identity.owner
    await writeFile(passwordFile, password, { mode: 0o600 })
    await chown(passwordFile, uid, gid)
    await chown(work, uid, gid)
    const options = {
      pgdata: work,
      username: role,
      pwfile: passwordFile,
      auth: 'scram-sha-256',
      // Unicode by code point, the same on every machine: neither ICU's nor the C library's version changes the order.
      encoding: 'UTF8',
      locale: 'C',
      'locale-provider': 'builtin',
      'builtin-locale': 'C.UTF-8',
      // One call instead of an fsync for each of a thousand files: 0.3 s.
      ...(process.platform === 'linux' ? { 'sync-method': 'syncfs' } : {}),
    }
    const args = [
      ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      ...Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`),
    ]
    const command = identity.as({ file: binaries.initdb, args, cwd: '/', env: environment })
    const { ok, output } = await runCommand(command, 120_000)
    if (!ok)
      throw new EmbeddedServerError('POSTGRES_START_FAILED', `initdb could not make a cluster: ${output}`)
    await rename(work, clusterIn(home))
  } finally {
    await rm(passwordFile, { force: true })
    await rm(work, { recursive: true, force: true })
  }
}

/** A cluster of another major version cannot be read; the server would only say so in its log. */
export async function checkVersion({ binaries, home }: Seat): Promise<void> {
  const cluster = clusterIn(home)
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  const { stdout } = await runCommand({ file: binaries.postgres, args: ['--version'] }, PROBE_MS)
  const has = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]
  if (has === undefined || has === made) return
  throw new EmbeddedServerError(
    'POSTGRES_DATA_UNUSABLE',
    `The data in ${cluster} is PostgreSQL ${made}'s, and this is PostgreSQL ${has}. Move the folder away: the ` +
      `projections are built again from the events. Or run PostgreSQL ${made} on it and set DATABASE_URL.`,
  )
}

const unfinished = 'postgres.initdb-'

async function removeUnfinished(home: Home): Promise<void> {
  for (const name of await readdir(home.folder)) {
    if (name.startsWith(unfinished)) await rm(join(home.folder, name), { recursive: true, force: true })
  }
}
