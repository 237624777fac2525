import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()
const child = fileURLToPath(new URL('runner.fixture.ts', import.meta.url))

describe('of two runners', () => {
  it('one works, the other stands by and takes over when the first stops', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const first = await space.start([accountProjection()])
    await eventually('the first works', () => first.of().state === 'up')
    const second = await space.start([accountProjection()])
    await eventually('the second stands by', () => second.of().state === 'standby')
    expect([first.of().state, second.of().state]).toEqual(['up', 'standby'])
    await space.commit('account', 'a', opened('ann'))
    await eventually('the first applies', () => first.of().positions[log.stream]?.applied === 1)
    await first.stop()
    await space.commit('account', 'a', moved(3))
    await eventually('the second applies', () => second.of().positions[log.stream]?.applied === 2)
    expect(second.of()).toMatchObject({ state: 'up', eventsApplied: 1 })
    expect(await space.rows('select balance, version from v_account')).toEqual([{ balance: 3, version: 2 }])
  })

  it('that start at the same moment in a new schema, each finds its place', async () => {
    const space = await openSpace(stack())
    await space.log('BANK', account)
    const both = await Promise.all([1, 2].map(() => space.start([accountProjection()])))
    const states = () => both.map((one) => one.of().state).sort()
    await eventually('each has its place', () => states().join() === 'standby,up')
    expect(both.flatMap(({ recorded }) => [...recorded.warn, ...recorded.error])).toEqual([])
  })

  it('one is a process that is killed again and again (2 faults); no event is lost or applied twice', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    for (let amount = 1; amount <= 300; amount++) await space.commit('account', 'a', moved(amount))
    const args = [stack().natsUrl, stack().databaseUrl, space.schema, space.namespace, log.stream]
    let faults = 0
    for (const position of [20, 120]) {
      const runner = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void runner.kill('SIGKILL'))
      const exited = once(runner, 'exit')
      for await (const line of runner.stdout.setEncoding('utf8')) {
        if (Number(String(line).trim().split('\n').at(-1)) >= position) break
      }
      runner.kill('SIGKILL')
      await exited
      faults++
    }
    expect(faults).toBe(2)
    const running = await space.start([accountProjection()])
    await eventually('all is applied', () => running.of().positions[log.stream]?.applied === 301)
    expect(running.of().eventsApplied).toBeLessThan(301)
    const [row] = await space.rows('select balance, version from v_account')
    expect(row).toEqual({ balance: (300 * 301) / 2, version: 301 })
  })
})
