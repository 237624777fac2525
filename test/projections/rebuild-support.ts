import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { isTransientInDatabase } from '../../src/projections/errors.ts'
import { type Job, type JobKind, loadJob, requestJob } from '../../src/projections/jobs/job.ts'
import { type Child, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { closed, moved, noted, opened, straightFold } from './accounts.ts'
import { type NewEvent, type Space, eventually } from './support.ts'

export type Written = { id: string; events: NewEvent[] }[]

/** Accounts that are never closed: a reader always has to find them all. */
const KEPT = 100
const CHANGING = 20

/** What is written, by any number of hands; each account's commits come one after the other. */
export interface Pen {
  written: Written
  /** One more commit for each of some accounts, all at the same time. */
  round(accounts?: number): Promise<void>
}

export async function openPen(space: Space): Promise<Pen> {
  const written: Written = []
  const isOpen = new Set<string>()
  let turn = 0

  async function add(id: string, ...events: NewEvent[]): Promise<void> {
    await space.commit('account', id, ...events)
    written.push({ id, events })
  }

  function next(id: string, number: number): NewEvent[] {
    if (!isOpen.has(id)) {
      isOpen.add(id)
      return [opened(`owner ${number % 7}`)]
    }
    if (id.startsWith('k') || number % 3 > 0)
      return number % 5 === 0 ? [moved(number), noted] : [moved(number)]
    if (number % 2 === 0) return [closed, opened('again'), moved(1)]
    isOpen.delete(id)
    return [closed]
  }

  const ids = [
    ...Array.from({ length: KEPT }, (_, index) => `k${index}`),
    ...Array.from({ length: CHANGING }, (_, index) => `c${index}`),
  ]
  const pen: Pen = {
    written,
    async round(accounts = ids.length) {
      const picked = Array.from({ length: accounts }, () => ids[turn++ % ids.length] ?? '')
      await Promise.all(picked.map((id, index) => add(id, ...next(id, turn + index))))
    },
  }
  await pen.round()
  return pen
}

/** Writes as much as is told to in a second until it is stopped. Answers how much it was, and the rate. */
export function keepWriting(pen: Pen, perSecond: number) {
  const TICK_MS = 10
  const stopping = new AbortController()
  const began = performance.now()
  let commits = 0
  const writing = (async () => {
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond) - commits
      const now = Math.min(due, KEPT)
      if (now > 0) await pen.round(now)
      commits += Math.max(0, now)
      if (now < KEPT) await delay(TICK_MS)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await writing
      return { commits, perSecond: Math.round((1000 * commits) / (performance.now() - began)) }
    },
  }
}

/** A reader that looks at the view and at the table, again and again, and notes what it must never see. */
export function keepReading(space: Space) {
  const wrong: string[] = []
  const versions = new Map<string, number>()
  let reads = 0
  const stopping = new AbortController()

  async function look(from: string): Promise<void> {
    const rows = await space.rows(`select id, version from ${from} where id like 'k%'`)
    if (rows.length !== KEPT) wrong.push(`${from} has ${rows.length} rows of ${KEPT}`)
    for (const { id, version } of rows) {
      const before = versions.get(String(id)) ?? 0
      if (Number(version) < before)
        wrong.push(`${String(id)} went from ${before} to ${Number(version)} in ${from}`)
      versions.set(String(id), Number(version))
    }
    reads++
  }

  const reading = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await look('v_account')
        await look('tb_account_projection')
      } catch (error) {
        // A server that is away answers nobody; a table that is gone is another thing.
        if (!isTransientInDatabase(error)) wrong.push(String(error))
      }
      await delay(1)
    }
  })()
  return {
    /** After a crash of PostgreSQL the last half second may be gone. */
    forgive: () => versions.clear(),
    async stop() {
      stopping.abort()
      await reading
      expect(wrong.slice(0, 5)).toEqual([])
      expect(reads).toBeGreaterThan(20)
      return reads
    },
  }
}

export const ask = (space: Space, options: Record<string, unknown> = {}, kind: JobKind = 'rebuild') =>
  requestJob(space.database.db, { projection: 'account', kind, options })

/** The job's row; undefined too while PostgreSQL is away. */
export async function jobOf(space: Space, kind: JobKind = 'rebuild'): Promise<Job | undefined> {
  try {
    return await loadJob(space.database.db, 'account', kind)
  } catch (error) {
    if (isTransientInDatabase(error)) return undefined
    throw error
  }
}

/** Waits until a job has ended. */
export async function ended(space: Space, kind: JobKind = 'rebuild', ms = 50_000): Promise<Job> {
  let found: Job | undefined
  await eventually(
    `the ${kind} ends`,
    async () => {
      const job = await jobOf(space, kind)
      found = job?.state === 'waiting' || job?.state === 'running' ? undefined : job
      return found !== undefined
    },
    ms,
  )
  if (!found) throw new Error('no job')
  return found
}

/** Waits until a rebuild has saved a position between two sequences; answers it. */
export async function savedBetween(space: Space, from: number, to: number): Promise<number> {
  let saved = 0
  await eventually(`a position is saved between ${from} and ${to}`, async () => {
    const job = await jobOf(space)
    if (job?.state === 'done' || job?.state === 'failed')
      throw new Error(`too late: it is ${job.state} ${job.error}`)
    saved = Object.values(job?.positions ?? {})[0] ?? 0
    return saved >= from && job?.state === 'running'
  })
  expect(saved).toBeLessThan(to)
  return saved
}

/** Waits until everything is applied, then compares table and view with the straight fold. */
export async function expectExact(space: Space, written: Written): Promise<void> {
  const { last } = await space.logOf('account').bounds()
  await eventually('everything is applied', async () => {
    const [row] = await space.rows(
      `select sequence from tb_projection_checkpoint where projection = 'account'`,
    )
    return row?.['sequence'] === last
  })
  const expected = straightFold(written)
  for (const from of ['tb_account_projection', 'v_account']) {
    expect(await space.rows(`select * from ${from} order by id collate "C"`)).toEqual(expected)
  }
}

/** What rebuilds must not leave behind. */
export async function leftOvers(space: Space): Promise<unknown[]> {
  const rows = await space.rows(
    `select relname from pg_class where relnamespace = current_schema()::regnamespace and relname ~ '^(new|old|chk)_'`,
  )
  return rows.map((row) => row['relname'])
}

const fixture = fileURLToPath(new URL('rebuild.fixture.ts', import.meta.url))

export interface Process extends Child {
  kill(): Promise<void>
}

/** A process of its own with the accounts' projection, to be killed. Resolves once it has started. */
export async function startProcess(
  space: Space,
  { version = 1, microseconds = 0 }: { version?: number; microseconds?: number } = {},
): Promise<Process> {
  const { natsUrl, databaseUrl } = space.stack
  const { stream } = space.logOf('account')
  const args = [natsUrl, databaseUrl, space.schema, space.namespace, stream, `${version}`, `${microseconds}`]
  const child = startChild(process.execPath, [fixture, ...args], { cwd: process.cwd(), env: cleanEnv() })
  onTestFinished(() => void child.process.kill('SIGKILL'))
  await child.printed(/started as/)
  return {
    ...child,
    async kill() {
      child.process.kill('SIGKILL')
      await child.exited
    },
  }
}

/** How many events the process had folded when it logged the message. */
export async function foldedAt(child: Child, message: string): Promise<number> {
  const [, folded = ''] = await child.printed(new RegExp(`${message} \\| (\\d+) events folded`))
  return Number(folded)
}
