import { spawn } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  gone,
  isAlive,
  keepingLogger,
  kill,
  otherOwner,
  query,
  scratch,
  startNats,
  startPostgres,
} from './support.ts'

describe('one data folder', () => {
  it('is refused to a second process, by the pid of the first, until that is killed; then its servers are stopped (1 fault)', async () => {
    const dataDir = scratch()
    const owner = await otherOwner(dataDir)
    if (owner.postgres === undefined || owner.nats === undefined) throw new Error('not started')
    await query(owner.postgres.url, 'create table kept (value int)')

    for (const start of [startNats, startPostgres]) {
      const refused = start(dataDir)
      await expect(refused).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE', status: 503 })
      await expect(refused).rejects.toThrow(`process ${owner.process.pid}`)
    }
    expect([owner.nats.pid, owner.postgres.pid].map(isAlive)).toEqual([true, true])

    owner.process.kill('SIGKILL')
    expect(await gone(owner.process.pid ?? 0)).toBe(true)
    expect([owner.nats.pid, owner.postgres.pid].map(isAlive)).toEqual([true, true])

    const logger = keepingLogger()
    const [nats, postgres] = [await startNats(dataDir, { logger }), await startPostgres(dataDir, logger)]
    expect([owner.nats.pid, owner.postgres.pid].map(isAlive)).toEqual([false, false])
    expect(logger.messages).toContain('stopped a nats-server that its owner had left running')
    expect(logger.messages).toContain('stopped a PostgreSQL that its owner had left running')
    expect(await query(postgres.url, 'select count(*)::int from kept')).toEqual([0])
    await Promise.all([nats.stop(), postgres.stop()])
  })

  it('is refused to a second start in the same process', async () => {
    const dataDir = scratch()
    const server = await startNats(dataDir)
    await expect(startNats(dataDir)).rejects.toThrow(`process ${process.pid}`)
    const link = join(scratch(), 'link')
    symlinkSync(dataDir, link)
    await expect(startNats(link)).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' })
    await server.stop()
    await startNats(dataDir)
  })

  it('has one winner of many starts at once', async () => {
    const dataDir = scratch()
    const starts = await Promise.allSettled([1, 2, 3, 4].map(() => startNats(dataDir)))
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('a stale pid file', () => {
  /** A process that is none of ours, working in the server's folder and naming it, so that only its program differs. */
  function bystander(folder: string): number {
    const child = spawn('sleep', ['60'], { cwd: folder, stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child.pid ?? 0
  }

  it('neither blocks a NATS start nor gets the process killed that has the pid now', async () => {
    const dataDir = scratch()
    await (await startNats(dataDir)).stop()
    const pid = bystander(join(dataDir, 'nats'))
    writeFileSync(join(dataDir, 'nats.pid'), String(pid))
    const server = await startNats(dataDir)
    expect(isAlive(pid)).toBe(true)
    await server.stop()
    writeFileSync(join(dataDir, 'nats.pid'), 'not a pid')
    await startNats(dataDir)
  })

  it('neither blocks a PostgreSQL start nor gets the process killed that has the pid now (1 fault)', async () => {
    const dataDir = scratch()
    const crashed = await startPostgres(dataDir)
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid')
    const left = readFileSync(pidFile, 'utf8')
    kill(crashed.pid, 'SIGKILL')
    await crashed.exited
    const pid = bystander(dataDir)
    writeFileSync(pidFile, left.replace(/^\d+/, String(pid)))
    const next = await startPostgres(dataDir)
    expect(isAlive(pid)).toBe(true)
    expect(await query(next.url, 'select 1')).toEqual([1])
  })

  it('of a copied folder does not stop the server of the original', async () => {
    const dataDir = scratch()
    const original = await startNats(dataDir)
    const copy = join(scratch(), 'copy')
    cpSync(dataDir, copy, { recursive: true })
    const server = await startNats(copy)
    expect(server.pid).not.toBe(original.pid)
    expect(isAlive(original.pid)).toBe(true)
  })
})
