import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readNatsInfo } from '../../src/runtime/embedded/nats-info.ts'
import { gone, host, isAlive, keepingLogger, kill, occupiedPort, scratch, startNats } from './support.ts'

async function client(url: string) {
  const connection = await connect({ servers: url })
  onTestFinished(() => connection.close())
  return connection
}

describe('an embedded NATS server', () => {
  it('starts, takes clients, and stops, as often as it is told to', async () => {
    const dataDir = scratch()
    const server = await startNats(dataDir)
    expect(isAlive(server.pid)).toBe(true)
    expect((await client(server.url)).info?.jetstream).toBe(true)

    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(isAlive(server.pid)).toBe(false)
    expect(await server.exited).toMatchObject({ expected: true })
    expect(readFileSync(join(dataDir, 'nats.log'), 'utf8')).toContain('Server is ready')
  })

  it('keeps what was published over a restart', async () => {
    const dataDir = scratch()
    const first = await startNats(dataDir)
    const connection = await client(first.url)
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] })
    await jetstream(connection).publish('orders.1', 'created')
    await first.stop()

    const second = await startNats(dataDir)
    const again = await jetstreamManager(await client(second.url))
    const message = await again.streams.getMessage('ORDERS', { last_by_subj: 'orders.1' })
    expect(message?.string()).toBe('created')
  })

  it('has the configuration of the repository in force: 4 MB, loopback, bounded storage', async () => {
    const dataDir = scratch()
    const server = await startNats(dataDir)
    const connection = await client(server.url)
    expect(connection.info?.max_payload).toBe(4 * 1024 * 1024)
    expect(connection.info?.host).toBe(host)
    const log = readFileSync(join(dataDir, 'nats.log'), 'utf8')
    expect(log).toContain(`Listening for client connections on ${host}:${server.port}`)
    expect(log).toMatch(/Max Memory: +256.00 MB/)
    expect(log).toMatch(/Max Storage: +50.00 GB/)
    expect(log).toContain(`Store Directory: "${join(dataDir, 'nats', 'jetstream')}"`)
    expect(log).not.toContain('[WRN]')
    expect(log).not.toContain('invalid use of field')
  })

  it('stores in the data folder whatever its configuration says, and follows its includes', async () => {
    const dataDir = scratch()
    const conf = join(scratch(), 'own.conf')
    writeFileSync(`${conf}.limits`, 'max_payload: 2MB\n')
    writeFileSync(
      conf,
      `include "./own.conf.limits"\njetstream {\n  store_dir: "/nowhere"\n  max_file_store: 1GB\n}\n`,
    )
    const server = await startNats(dataDir, { configFile: conf })
    expect((await client(server.url)).info?.max_payload).toBe(2 * 1024 * 1024)
    expect(statSync(join(dataDir, 'nats', 'jetstream')).isDirectory()).toBe(true)
    expect(readFileSync(join(dataDir, 'nats.log'), 'utf8')).toMatch(/Max Storage: +1.00 GB/)
  })

  it('takes a free port where the preferred one is taken', async () => {
    const port = await occupiedPort()
    const server = await startNats(scratch(), { port })
    expect(server.port).not.toBe(port)
    expect(server.url).toBe(`nats://${host}:${server.port}`)
    expect(await readNatsInfo(host, server.port, 50_000)).toMatchObject({ jetStream: true })
  })

  it('says with the end of its log why it did not start, and lets go of the folder', async () => {
    const dataDir = scratch()
    const conf = join(dataDir, 'broken.conf')
    writeFileSync(conf, 'jetstream { no_such_field: 1 }\n')
    const failure = startNats(dataDir, { configFile: conf })
    await expect(failure).rejects.toMatchObject({ code: 'NATS_START_FAILED', status: 503 })
    await expect(failure).rejects.toThrow(/no_such_field/)
    await startNats(dataDir)
  })

  it('tells of a crash, after which the folder can be started on again (1 fault)', async () => {
    const dataDir = scratch()
    const logger = keepingLogger()
    const server = await startNats(dataDir, { logger })
    kill(server.pid, 'SIGKILL')
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL', expected: false })
    expect(logger.messages).toContain('nats-server ended unexpectedly')
    await server.stop()
    const next = await startNats(dataDir)
    expect(next.pid).not.toBe(server.pid)
    await next.stop()
    expect(await gone(next.pid)).toBe(true)
  })

  it('is not in the process group that a Ctrl-C in the terminal goes to', async () => {
    const { pid } = await startNats(scratch())
    const group = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]
    expect(Number(group)).toBe(pid)
  })
})
