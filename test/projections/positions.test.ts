import { Client } from 'pg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openPositions } from '../../src/projections/positions/positions.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { type Space, account, eventually, openSpace, withClient } from './support.ts'

const stack = stackOfFile()

/** What another process than the runner's has: it shares the database with it and nothing else. */
async function elsewhere({ database }: Space, { maxWaiting = 10_000 } = {}) {
  const warnings: string[] = []
  const logger = { debug: () => {}, warn: (_: object, message: string) => void warnings.push(message) }
  const positions = await openPositions({ database, logger, maxWaiting })
  onTestFinished(() => positions.close())
  return { ...positions, warnings }
}

const LISTENERS = `select pid, query from pg_stat_activity where application_name = 'headwater positions'`

/** Ends the listening connections of a schema's database, as a restart of PostgreSQL would. */
async function endListeners({ stack: { databaseUrl } }: Space): Promise<number> {
  return await withClient(databaseUrl, async (client) => {
    const { rowCount } = await client.query(
      `select pg_terminate_backend(pid) from (${LISTENERS}) as listeners`,
    )
    return rowCount ?? 0
  })
}

describe('to wait for a position', () => {
  it('ends at once when it is reached, and with the batch when it is not', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    await space.start([accountProjection()])
    const positions = await elsewhere(space)
    const first = await space.commit('account', 'a', opened())
    await positions.waitFor('account', { stream, sequence: first }, 50_000)
    expect(await space.rows('select version from v_account')).toEqual([{ version: 1 }])
    expect(positions.known('account')).toEqual(new Map([[stream, first]]))
    const waiting = positions.waitFor('account', { stream, sequence: first + 1 }, 50_000)
    await space.commit('account', 'a', moved(3))
    await waiting
    expect(await space.rows('select version from v_account')).toEqual([{ version: 2 }])
    await positions.waitFor('account', { stream, sequence: 1 }, 0)
  })

  it('costs many no more than one: none of them asks PostgreSQL', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    await space.commit('account', 'a', opened())
    const positions = await elsewhere(space)
    const query = vi.spyOn(Client.prototype, 'query')
    onTestFinished(() => query.mockRestore())
    const waiting = Array.from({ length: 1000 }, (_, index) =>
      positions.waitFor('account', { stream, sequence: 1 + (index % 2) }, 50_000),
    )
    await space.start([accountProjection()])
    await space.commit('account', 'a', moved(1))
    await Promise.all(waiting)
    const looks = query.mock.calls.filter(([text]) => text.startsWith('select projection, stream'))
    // Two a second for all of them together; there is time for 40.
    expect(looks.length).toBeLessThan(42)
  })

  it('is over when the time is, and says how far the projection has come', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    const { of } = await space.start([accountProjection()])
    const first = await space.commit('account', 'a', opened())
    await eventually('it is applied', () => of().positions[stream]?.applied === first)
    const positions = await elsewhere(space)
    await expect(positions.waitFor('account', { stream, sequence: 2 ** 40 }, 50)).rejects.toMatchObject({
      code: 'PROJECTION_BEHIND',
      status: 503,
      message: `The projection account has not applied ${stream} ${2 ** 40} yet; it has come to ${stream} 1. Ask again a little later`,
      projection: 'account',
      reached: 1,
    })
    await expect(positions.waitFor('nobody', { stream, sequence: 1 }, 50)).rejects.toMatchObject({
      reached: 0,
    })
  })

  it('is refused when too many wait already', async () => {
    const space = await openSpace(stack())
    const positions = await elsewhere(space, { maxWaiting: 2 })
    const wait = () => positions.waitFor('account', { stream: 's', sequence: 1 }, 60_000)
    const waiting = [wait(), wait()].map((promise) => promise.catch((error: unknown) => error))
    await expect(wait()).rejects.toMatchObject({ code: 'OVERLOADED', status: 503, retryAfterMs: 1000 })
    await positions.close()
    expect(await Promise.all(waiting)).toMatchObject([
      { code: 'PROJECTION_BEHIND' },
      { code: 'PROJECTION_BEHIND' },
    ])
  })

  it('outlives the connection that listens, and what was said meanwhile (3 faults)', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    await space.start([accountProjection()])
    const positions = await elsewhere(space)
    await positions.waitFor(
      'account',
      { stream, sequence: await space.commit('account', 'a', opened()) },
      50_000,
    )
    for (let round = 0; round < 3; round++) {
      const next = round + 2
      const waiting = positions.waitFor('account', { stream, sequence: next }, 50_000)
      expect(await endListeners(space)).toBe(1)
      await eventually('the loss is noticed', () => positions.warnings.length > round)
      await space.commit('account', 'a', moved(1))
      await waiting
      // A notice may be what has ended the wait, in front of the first look.
      await eventually('all is known again', () => positions.known('account')?.get(stream) === next)
      expect(positions.known('account')).toEqual(new Map([[stream, next]]))
    }
    expect(positions.warnings).toHaveLength(3)
  })

  it('forgets with the connection how far things were: PostgreSQL may have lost the last of it (1 fault)', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    const running = await space.start([accountProjection()])
    const positions = await elsewhere(space)
    const first = await space.commit('account', 'a', opened())
    await positions.waitFor('account', { stream, sequence: first }, 50_000)
    await running.stop()
    // What a crash leaves behind that takes the last half second with it.
    await space.rows('update tb_projection_checkpoint set sequence = 0')
    await endListeners(space)
    await eventually('it listens again', () => positions.known('account')?.get(stream) === 0)
    await expect(positions.waitFor('account', { stream, sequence: first }, 20)).rejects.toMatchObject({
      code: 'PROJECTION_BEHIND',
      reached: 0,
    })
    // The runner applies it again, as it does with what a crash has taken.
    const again = positions.waitFor('account', { stream, sequence: first }, 50_000)
    await space.start([accountProjection()])
    await again
  })

  it('finds what moved without a notice, as under a runner of an older release', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    await space.start([accountProjection()])
    const positions = await elsewhere(space)
    const waiting = positions.waitFor('account', { stream, sequence: 7 }, 50_000)
    await space.rows('update tb_projection_checkpoint set sequence = 7')
    await waiting
  })

  it('can begin before there is anything, and while PostgreSQL is away (1 fault)', async () => {
    const space = await openSpace(stack())
    const positions = await elsewhere(space)
    expect(positions.known('account')).toEqual(new Map())
    await stack().stopPostgres()
    await eventually('the loss is noticed', () => positions.known('account') === undefined)
    const late = await elsewhere(space)
    await expect(late.waitFor('account', { stream: 's', sequence: 1 }, 20)).rejects.toMatchObject({
      code: 'PROJECTION_BEHIND',
      reached: undefined,
    })
    await stack().startPostgres()
    await eventually('both listen', () => [positions, late].every((one) => one.known('account')?.size === 0))
  })
})
