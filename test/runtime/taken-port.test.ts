import { connect } from '@nats-io/transport-node'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { startStack } from '../../src/runtime/stack.ts'
import { quietPort } from '../support/ports.ts'
import { until } from '../support/until.ts'

test('a server that crashes comes back on its own port, though another program has taken that meanwhile (1 fault)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-port-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await quietPort()
  const { config } = loadConfig({
    env: {},
    cwd: folder,
    overrides: { nats: { port }, postgres: { url: 'postgres://nobody@127.0.0.1:1/none' } },
  })
  const told: string[] = []
  const stack = await startStack(config, pino({ level: 'error' }, { write: (line) => void told.push(line) }))
  onTestFinished(() => stack.stop())
  expect(new URL(stack.natsUrl).port).toBe(String(port))

  const stranger = createServer()
  onTestFinished(() => void stranger.close())
  await until('the stranger to be there first', async () => {
    process.kill(Number(readFileSync(join(config.dataDir, 'nats.pid'), 'utf8')), 'SIGKILL')
    return await until(
      'the port',
      () =>
        new Promise<boolean>((resolve) => {
          stranger.once('error', () => resolve(false))
          stranger.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(true))
        }),
    )
  })
  await until('the server to be kept from its port', async () =>
    told.some((line) => line.includes(`port ${port} is taken`)),
  )
  await new Promise((resolve) => stranger.close(resolve))
  await until('the server to be back', async () => {
    const nc = await connect({ servers: stack.natsUrl, reconnect: false }).catch(() => undefined)
    await nc?.close()
    return nc !== undefined
  })
})
