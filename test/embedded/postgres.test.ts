import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'
import { until } from '../../src/runtime/embedded/poll.ts'
import { host, isAlive, keepingLogger, kill, occupiedPort, query, scratch, startPostgres } from './support.ts'

/** Never looks up from its work, so it outlives its crashed server for a while. */
const busyQuery = 'select count(*) from generate_series(1, 1000000)'

describe('an embedded PostgreSQL', () => {
  it('is made on the first start and keeps its data over the next, which makes nothing anew (1 fault)', async () => {
    const dataDir = scratch()
    const first = await startPostgres(dataDir)
    const made = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('PG_VERSION'),
    )
    const madeAt = () => made.map((name) => statSync(join(dataDir, name)).mtimeMs)
    const before = madeAt()
    expect(first.url).toMatch(/^postgres:\/\/headwater:[\w-]{32}@127\.0\.0\.1:\d+\/headwater$/)
    await query(first.url, 'create table kept as select $$here$$ as value')
    await Promise.all([first.stop(), first.stop()])
    expect(isAlive(first.pid)).toBe(false)
    expect(await first.exited).toEqual({ code: 0, signal: null, expected: true })

    const second = await startPostgres(dataDir)
    expect(made.length).toBeGreaterThan(0)
    expect(madeAt()).toEqual(before)
    expect(await query(second.url, 'select value from kept')).toEqual(['here'])

    // A crash is told, leaves the folder free, and the next start recovers.
    await query(second.url, 'insert into kept values ($$committed$$)')
    const keepBusy = async () => {
      for (;;) await query(second.url, busyQuery)
    }
    // Until its server is gone: the looks below may come late.
    const busy = Promise.allSettled([keepBusy()])
    const running = `select count(*)::int from pg_stat_activity where query = '${busyQuery}' and state = 'active'`
    expect(await until(async () => (await query(second.url, running))[0] === 1, { timeoutMs: 50_000 })).toBe(
      true,
    )
    kill(second.pid, 'SIGKILL')
    expect(await second.exited).toEqual({ code: null, signal: 'SIGKILL', expected: false })
    const third = await startPostgres(dataDir)
    await busy
    expect(await query(third.url, 'select value from kept order by value')).toEqual(['committed', 'here'])
  })

  it('has the settings of a durable Unicode server on loopback, for those who know the password', async () => {
    const dataDir = scratch()
    const { url } = await startPostgres(dataDir)
    const settings = ['shared_buffers', 'max_connections', 'fsync', 'synchronous_commit', 'listen_addresses']
    const shown = await query(url, `select ${settings.map((name) => `current_setting('${name}')`).join()}`)
    expect(shown).toEqual(['128MB', '100', 'on', 'on', host])
    expect(await query(url, `show unix_socket_directories`)).toEqual([''])
    expect(
      await query(url, `select pg_encoding_to_char(encoding) from pg_database where datname = 'headwater'`),
    ).toEqual(['UTF8'])
    expect(await query(url, `select upper('straße é') collate "default"`)).toEqual(['STRAßE É'])
    expect(await query(url, `select auth_method from pg_hba_file_rules group by 1`)).toEqual([
      'scram-sha-256',
    ])

    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600)
  })

  it('takes a free port where the preferred one is taken, and creates the database it is asked for', async () => {
    const dataDir = scratch()
    const port = await occupiedPort()
    const options = { dataDir, host, port, logger: keepingLogger() }
    const server = await startEmbeddedPostgres({ ...options, database: 'an "odd" name' })
    try {
      expect(server.port).not.toBe(port)
      expect(await query(server.url, 'select current_database()')).toEqual(['an "odd" name'])
    } finally {
      await server.stop()
    }

    // Data of another version, and data whose password is lost, are told before anything is done to them.
    rmSync(join(dataDir, 'postgres.password'))
    await expect(startPostgres(dataDir)).rejects.toMatchObject({ code: 'POSTGRES_DATA_UNUSABLE' })
    writeFileSync(join(dataDir, 'postgres.password'), 'another')
    await expect(startPostgres(dataDir)).rejects.toThrow(/postgres\.password is not the one/)
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '12\n')
    await expect(startPostgres(dataDir)).rejects.toThrow(/is PostgreSQL 12's/)
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '18\n')

    // What its own log says is in the error when it does not start.
    const conf = join(dataDir, 'postgres', 'postgresql.conf')
    writeFileSync(conf, `${readFileSync(conf, 'utf8')}\nno_such_setting = 1\n`)
    await expect(startPostgres(dataDir)).rejects.toThrow(/no_such_setting/)
  })
})
