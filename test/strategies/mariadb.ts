import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import { createConnection } from 'mysql2/promise'
import { quietPort } from '../support/ports.ts'
import { until } from '../support/until.ts'

/** Where Debian has the server is not on everybody's PATH. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

const server = findProgram('mariadbd')
const installer = findProgram('mariadb-install-db')

/** Why the tests with a MariaDB cannot run here; undefined where they can. CI says that it has to have one. */
export const mariadbMissing: string | undefined =
  server !== undefined && installer !== undefined
    ? undefined
    : 'MariaDB is not installed (apt-get install mariadb-server)'

export const mariadbRequired = process.env['CI'] === 'true' && process.env['REQUIRE_MARIADB'] === '1'

export interface MariaDb {
  readonly url: string
  readonly port: number
  run(statement: string, values?: unknown[]): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops it and removes its data. */
  remove(): Promise<void>
}

/** A MariaDB of its own: data, socket and port in a temporary folder. */
export async function startMariadb(): Promise<MariaDb> {
  if (server === undefined || installer === undefined) throw new Error(mariadbMissing)
  const folder = mkdtempSync(join(tmpdir(), 'headwater-mariadb-'))
  const data = join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  // As root it has to be told to be root; the folder is readable to nobody else.
  const user = `--user=${userInfo().username}`
  const installed = spawnSync(
    installer,
    [
      '--no-defaults',
      `--datadir=${data}`,
      user,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ],
    { encoding: 'utf8' },
  )
  if (installed.status !== 0) throw new Error(`mariadb-install-db failed: ${installed.stderr}`)

  let port = 0
  let child: ChildProcess | undefined
  function start(): void {
    const options = {
      datadir: data,
      socket: join(folder, 's'),
      port: String(port),
      'bind-address': '127.0.0.1',
      'pid-file': join(folder, 'pid'),
      'innodb-buffer-pool-size': '16M',
      // Not what a driver hopes for.
      'sql-mode': 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES',
      'default-time-zone': '+05:00',
    }
    const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
    child = spawn(server ?? '', ['--no-defaults', user, ...flags, '--skip-name-resolve', '--skip-log-bin'], {
      stdio: 'ignore',
    })
  }

  async function stop(): Promise<void> {
    if (!child || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }

  async function connected(userName: string, secret: string, database?: string) {
    const target = { host: '127.0.0.1', port, user: userName, password: secret }
    return await createConnection({ ...target, timezone: 'Z', ...(database !== undefined && { database }) })
  }

  /** A server that cannot have its port ends at once. */
  const isGone = () => child === undefined || child.exitCode !== null

  async function ready(userName: string, secret: string) {
    const connection = await until('MariaDB to answer', async () => {
      if (isGone()) start()
      try {
        return await connected(userName, secret)
      } catch {
        return undefined
      }
    })
    await connection.end()
  }

  await until('MariaDB to listen', async () => {
    if (isGone()) {
      port = await quietPort()
      start()
    }
    // Only the socket is open to root without a password.
    try {
      const connection = await createConnection({ socketPath: join(folder, 's'), user: 'root' })
      await connection.query('create database shop character set utf8mb4')
      await connection.query(`create user 'reader'@'127.0.0.1' identified by '${password}'`)
      await connection.query(`grant all on shop.* to 'reader'@'127.0.0.1'`)
      await connection.end()
      return true
    } catch {
      return false
    }
  })
  return {
    url: `mariadb://reader:${password}@127.0.0.1:${port}/shop`,
    port,
    async run(statement, values = []) {
      const connection = await connected('reader', password, 'shop')
      await connection.query(`set session sql_mode = '', time_zone = '+00:00'`)
      await connection.query(statement, values)
      await connection.end()
    },
    stop,
    start: () => ready('reader', password),
    async remove() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
