import { Client } from 'pg'
import { type Child, startChild } from '../support/child.ts'
import { profiling } from '../support/profiling.ts'
import { progress } from '../support/progress.ts'
import { serviceFlags } from '../support/service-flags.ts'
import type { Bench } from '../support/stack.ts'
import { assertSame, checksum } from './checksum.ts'
import { FollowResult, LimitResult, RebuildResult } from './protocol.ts'
import { type LogPlan, type Shape, lastHundredth, specOf, walletsOf } from './shape.ts'
import { walletId } from './wallet.ts'
import { writeLog } from './write-log.ts'

/** A rebuild that takes longer is a failure; and a partial one that takes longer than the whole one has lost already. */
export const PATIENCE_MS = 600_000

/** What one round has measured on one log. */
export interface Measured {
  plan: LogPlan
  round: number
  limit: { ms: number; consumeMs: number }
  live: { ms: number; peakMb: number }
  rebuild: RebuildResult
  /** Of the largest log of a shape only. */
  partial: RebuildResult | undefined
}

export interface MeasureOptions {
  shape: Shape
  sizes: number[]
  rounds: number
}

export interface Stand {
  url: string
  database: string
  /** For what is done between two measurements. */
  postgres: Client
}

/**
 * Writes the logs of a shape, and then, round by round and on each of them in turns: the limit, the live runner from
 * nothing, the rebuild of what that one has made, and of the largest the partial one. Each in a process of its own.
 */
export async function measureShape(
  bench: Bench,
  { shape, sizes, rounds }: MeasureOptions,
): Promise<Measured[]> {
  const { url } = await bench.nats()
  const { url: database } = await bench.postgres()
  const postgres = new Client({ connectionString: database })
  await postgres.connect()
  bench.closing({ stop: () => postgres.end() })
  const stand = { url, database, postgres }
  const plans = sizes.map((events) => ({ shape, events }))
  for (const plan of plans) await writeLog(bench, url, plan)
  const results: Measured[] = []
  for (let round = 1; round <= rounds; round++) {
    for (const plan of plans) {
      const isLargest = plan.events === Math.max(...sizes)
      results.push({ plan, round, ...(await measureOnce(bench, stand, plan, round, isLargest)) })
    }
  }
  return results
}

async function measureOnce(bench: Bench, stand: Stand, plan: LogPlan, round: number, withPartial: boolean) {
  const { postgres, database, url } = stand
  const say = (what: string) =>
    progress(`${plan.shape}, ${plan.events.toLocaleString('en')} events, round ${round}: ${what}`)
  const schema = `round_${round}_${plan.events}`
  const limitTable = 'limit_wallet'

  say('the limit')
  await settle(postgres)
  const limiter = bench.closing(
    await startChild(new URL('limit.child.ts', import.meta.url), { url, database }),
  )
  const limit = LimitResult.parse(
    await limiter.call({ stream: specOf(plan).name, events: plan.events, table: limitTable }),
  )
  await limiter.stop()
  const expected = await checksum(postgres, 'public', limitTable)
  await postgres.query(`drop table ${limitTable}`)

  say('the live runner')
  const check = async (what: string) =>
    assertSame(what, await checksum(postgres, schema, 'tb_wallet_projection'), expected)
  const first = await startOurs(bench, stand, plan, schema)
  await settle(postgres)
  const live = FollowResult.parse(await first.call({ kind: 'follow' }))
  await first.stop()
  await check('The live runner')

  say('the rebuild')
  const second = await startOurs(bench, stand, plan, schema, profiling())
  await second.call({ kind: 'follow' })
  await settle(postgres)
  const rebuild = RebuildResult.parse(await second.call({ kind: 'rebuild', patienceMs: PATIENCE_MS }))
  if (rebuild.gaveUp) throw new Error(`The rebuild took longer than ${PATIENCE_MS} ms`)
  await check('The rebuild')

  const partial = withPartial ? await rebuildPart(second, rebuild.ms) : undefined
  await second.stop()
  await postgres.query(`drop schema ${schema} cascade`)
  return { limit, live, rebuild, partial }

  /** The rows that it has to mend are spoiled first. */
  async function rebuildPart(child: Child, patienceMs: number): Promise<RebuildResult> {
    say('the partial rebuild')
    const { sequence, wallets } = lastHundredth(plan)
    const last = (plan.events - 1) % walletsOf(plan)
    const ids = Array.from({ length: wallets }, (_, back) => walletId(last - back))
    await postgres.query(
      `update ${schema}.tb_wallet_projection set balance = -1, version = 0 where id = any($1)`,
      [ids],
    )
    await settle(postgres)
    const result = RebuildResult.parse(await child.call({ kind: 'rebuild', from: sequence, patienceMs }))
    if (!result.gaveUp) await check('The partial rebuild')
    return result
  }
}

/** What one measurement has left to write to the disk is not to be paid for by the next. */
export async function settle(postgres: Client): Promise<void> {
  await postgres.query('checkpoint')
}

export async function startOurs(
  bench: Bench,
  { url, database }: Stand,
  plan: LogPlan,
  schema: string,
  flags: string[] = [],
): Promise<Child> {
  const module = new URL('ours.child.ts', import.meta.url)
  return bench.closing(
    await startChild(module, { url, database, schema, plan }, [...serviceFlags(), ...flags]),
  )
}
