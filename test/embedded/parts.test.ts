import { existsSync, lstatSync, linkSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { giveTree, openToAll } from '../../src/runtime/embedded/file-tree.ts'
import { PortTakenError, startOnFreePort } from '../../src/runtime/embedded/ports.ts'
import { binariesIn, copyPostgres, findPostgres } from '../../src/runtime/embedded/postgres-binaries.ts'
import { runCommand } from '../../src/runtime/embedded/run-command.ts'
import { openServerLog } from '../../src/runtime/embedded/server-log.ts'
import { spawnServer } from '../../src/runtime/embedded/server-process.ts'
import { host, isAlive, isRoot, killAtEnd, onlyRoot, scratch } from './support.ts'

describe('the port', () => {
  it('is looked for again when somebody else is faster', async () => {
    const tried: number[] = []
    const start = async (port: number): Promise<number> => {
      tried.push(port)
      if (tried.length === 3) return port
      // Really taken: one that is free may be drawn again.
      const somebody = createServer().listen({ host, port, exclusive: true })
      onTestFinished(() => void somebody.close())
      await once(somebody, 'listening')
      throw new PortTakenError('taken')
    }
    expect(await startOnFreePort(host, 0, start)).toBe(tried[2])
    expect(new Set(tried).size).toBe(3)
  })

  it('is not the answer to other failures', async () => {
    let starts = 0
    const start = (): Promise<never> => {
      starts++
      return Promise.reject(new Error('another'))
    }
    await expect(startOnFreePort(host, 0, start)).rejects.toThrow('another')
    expect(starts).toBe(1)
  })
})

describe("a server's log", () => {
  it('is moved aside when it is big, and only its newest lines are told', async () => {
    const path = join(scratch(), 'server.log')
    writeFileSync(path, 'x'.repeat(6 * 1024 * 1024))
    const log = await openServerLog(path)
    expect(lstatSync(`${path}.1`).size).toBe(6 * 1024 * 1024)
    writeFileSync(path, 'one\ntwo\nthree\n')
    expect(await log.lastLines(2)).toBe('two\nthree')
    await log.close()
    const next = await openServerLog(path)
    expect(await next.lastLines(2)).toBe('')
    await next.close()
  })
})

describe('a server process', () => {
  it('that does not heed the first signal gets the next', async () => {
    const log = await openServerLog(join(scratch(), 'server.log'))
    const command = { file: '/bin/sh', args: ['-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done'] }
    const server = await spawnServer(command, log, [
      { signal: 'SIGTERM', patienceMs: 100 },
      { signal: 'SIGKILL', patienceMs: 1_000 },
    ])
    killAtEnd(server.pid)
    while ((await log.lastLines(1)) !== 'up') await new Promise((resolve) => setTimeout(resolve, 5))
    await server.stop()
    expect(server.exit()).toEqual({ code: null, signal: 'SIGKILL', expected: true })
    expect(isAlive(server.pid)).toBe(false)
    await log.close()
  })
})

describe("PostgreSQL's programs", () => {
  it('are there, links included, and say their version', async () => {
    const { native, initdb } = await findPostgres(scratch())
    expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(true)
    expect((await runCommand({ file: initdb, args: ['--version'] }, 50_000)).stdout).toContain(
      '(PostgreSQL) 18',
    )
  })

  it('are complete in a copy for all users, where nobody had made the links', async () => {
    const folder = scratch()
    const native = join(folder, 'package', 'native')
    mkdirSync(join(native, 'bin'), { recursive: true })
    mkdirSync(join(native, 'lib'))
    writeFileSync(join(native, 'bin', 'postgres'), '', { mode: 0o700 })
    writeFileSync(join(native, 'lib', 'libpq.so.5.18'), '', { mode: 0o600 })
    writeFileSync(join(native, 'lib', 'libpq.a'), '')
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
    writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links))
    writeFileSync(join(folder, 'package', 'package.json'), '{"version":"18.4.0"}')

    const copy = await copyPostgres(binariesIn(native), folder)
    expect(copy.native).toBe(join(folder, 'postgres-18.4.0'))
    expect(readlinkSync(join(copy.native, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18')
    expect(existsSync(join(copy.native, 'lib', 'libpq.a'))).toBe(false)
    expect(lstatSync(copy.postgres).mode & 0o777).toBe(0o755)
    expect(lstatSync(join(copy.native, 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true)
    expect(await copyPostgres(binariesIn(native), folder)).toEqual(copy)
  })
})

describe('a short-lived program', () => {
  it('is ended when it takes too long, also if it does not want to', async () => {
    const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"
    const { ok, output } = await runCommand({ file: process.execPath, args: ['-e', stubborn] }, 1000)
    expect(ok).toBe(false)
    expect(output).toContain('was ended by SIGKILL, at the latest after 1 s')
  })

  it('that is not there has failed, and keeps nobody from ending', async () => {
    const module = new URL('../../src/runtime/embedded/run-command.ts', import.meta.url).href
    const longestTimerMs = 2 ** 31 - 1
    const script = `
      import { runCommand } from '${module}'
      console.log(JSON.stringify(await runCommand({ file: '/nowhere/program', args: [] }, ${longestTimerMs})))`
    const asker = await runCommand(
      { file: process.execPath, args: ['--input-type=module', '-e', script] },
      50_000,
    )
    expect(asker.ok, asker.output).toBe(true)
    expect(JSON.parse(asker.stdout)).toEqual({
      ok: false,
      stdout: '',
      output: 'spawn /nowhere/program ENOENT',
    })
  })
})

describe('a tree of files', () => {
  it.skipIf(!isRoot)(`is given away without what only points into it${onlyRoot}`, async () => {
    const folder = scratch()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    const [outside, linked] = [join(folder, 'outside'), join(folder, 'linked')]
    writeFileSync(outside, '')
    writeFileSync(linked, '')
    writeFileSync(join(tree, 'own'), '')
    symlinkSync(outside, join(tree, 'symbolic'))
    linkSync(linked, join(tree, 'hard'))
    await giveTree(tree, { uid: 65534, gid: 65534 })
    const owner = (path: string): number => lstatSync(path).uid
    expect([tree, join(tree, 'own'), outside, linked].map(owner)).toEqual([65534, 65534, 0, 0])
  })

  it('is opened for reading, and its programs for running', async () => {
    const tree = scratch()
    writeFileSync(join(tree, 'program'), '', { mode: 0o700 })
    writeFileSync(join(tree, 'data'), '', { mode: 0o600 })
    await openToAll(tree)
    const mode = (path: string): number => lstatSync(path).mode & 0o777
    expect([tree, join(tree, 'program'), join(tree, 'data')].map(mode)).toEqual([0o755, 0o755, 0o644])
  })
})
