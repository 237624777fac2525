import { progress } from '@clack/prompts'
import type { Kysely } from 'kysely'
import { setTimeout as delay } from 'node:timers/promises'
import { HeadwaterError } from '../streams/errors.ts'
import { type Job, type JobKind, activeJobs, loadJob } from '../projections/jobs/job.ts'
import type { KernelTables } from '../projections/database/kernel-tables.ts'

const LOOK_MS = 250
/** How often a line is printed where there is no terminal. */
const LINE_MS = 2000
const PATIENCE_MS = 15_000

/**
 * Follows a job to its end: a bar on a terminal, a line now and then elsewhere (on standard error: the result is for
 * standard output).
 *
 * @throws HeadwaterError NOBODY_WORKS when no service takes it up in time, JOB_GONE when another has taken its place
 */
export async function followJob(
  db: Kysely<KernelTables>,
  { projection, kind, id }: { projection: string; kind: JobKind; id: string },
  patienceMs = PATIENCE_MS,
): Promise<Job> {
  const show = process.stdout.isTTY ? bar() : lines(projection, kind)
  let idleSince = performance.now()
  try {
    for (;;) {
      const job = await loadJob(db, projection, kind)
      if (job?.id !== id) throw gone(projection, kind)
      if (job.state !== 'waiting' && job.state !== 'running') return job
      if (job.state === 'running' || (await isBehindAnother(db, job))) idleSince = performance.now()
      if (performance.now() - idleSince > patienceMs) throw nobody(projection, kind)
      show.update(job)
      await delay(LOOK_MS)
    }
  } finally {
    show.end()
  }
}

/** The jobs of one projection are done one after another. */
async function isBehindAnother(db: Kysely<KernelTables>, { projection, kind }: Job): Promise<boolean> {
  const jobs = await activeJobs(db)
  return jobs.some((job) => job.projection === projection && job.kind !== kind && job.state === 'running')
}

interface Show {
  update(job: Job): void
  end(): void
}

function bar(): Show {
  let max = 1
  let shown = 0
  const display = progress({ max: 1000, size: 40 })
  display.start('waiting for a service')
  return {
    update(job) {
      max = Math.max(max, job.events_total)
      const now = Math.floor((1000 * job.events) / max)
      display.advance(Math.max(0, now - shown), describe(job))
      shown = Math.max(shown, now)
    },
    end: () => display.stop('ended'),
  }
}

function lines(projection: string, kind: string): Show {
  let phase = ''
  let next = 0
  return {
    update(job) {
      if (job.phase === phase && Date.now() < next) return
      phase = job.phase
      next = Date.now() + LINE_MS
      process.stderr.write(`${kind} ${projection}: ${describe(job)}\n`)
    },
    end: () => undefined,
  }
}

/** `replaying · 12,000 of 90,000 events · 45,000/s · 2 s left` */
function describe({ phase, events, events_total: total, rate }: Job): string {
  const number = (value: number) => Math.round(value).toLocaleString('en')
  const parts = [phase]
  if (total > 0) parts.push(`${number(events)} of ${number(Math.max(total, events))} events`)
  if (rate >= 1) parts.push(`${number(rate)}/s`, `${number(Math.max(0, total - events) / rate)} s left`)
  return parts.join(' · ')
}

function nobody(projection: string, kind: string): HeadwaterError {
  return new HeadwaterError({
    code: 'NOBODY_WORKS',
    status: 503,
    detail: `No service that has the projection ${projection} has taken the ${kind} up. It stays asked for, and is done when one starts`,
  })
}

function gone(projection: string, kind: string): HeadwaterError {
  return new HeadwaterError({
    code: 'JOB_GONE',
    status: 409,
    detail: `Another ${kind} of the projection ${projection} has been asked for meanwhile`,
  })
}
