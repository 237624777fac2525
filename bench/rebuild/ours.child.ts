import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { createDatabase } from '../../src/projections/database/database.ts'
import { quoted } from '../../src/projections/definition/identifiers.ts'
import { cancelJob, requestJob } from '../../src/projections/jobs/job.ts'
import { channelOf } from '../../src/projections/positions/notices.ts'
import { type Projections, startProjections } from '../../src/projections/start-projections.ts'
import { openEventLog } from '../../src/streams/log/event-log.ts'
import { childOptions, serve } from '../support/child.ts'
import { ownPeakMb } from '../support/memory.ts'
import { config, connectTo } from '../support/service-parts.ts'
import { OursOptions, OursRequest, type RebuildResult } from './protocol.ts'
import { namespaceOf, specOf } from './shape.ts'
import { wallet, walletProjection } from './wallet.ts'

/** A service with one projection, as `npm start` runs it: its live runner, and the worker that does the rebuilds. */
const { url, database: databaseUrl, schema, plan } = childOptions(OursOptions)
const nc = await connectTo(url)
const log = await openEventLog({
  nc,
  spec: specOf(plan),
  appendTimeoutMs: config.commands.timeoutMs,
  onMigration: () => undefined,
})
let phases: { phase: string; at: number }[] = []
const tell = (fields: object, message: string) => console.error(message, fields)
const logger = {
  debug: () => undefined,
  info(fields: object) {
    const phase = 'phase' in fields ? String(fields.phase) : undefined
    if (phase !== undefined && phase !== phases.at(-1)?.phase) phases.push({ phase, at: now() })
  },
  warn: tell,
  error: tell,
}
const database = await createDatabase({ ...config.postgres, url: databaseUrl, schema, logger })
const listener = new Client({ connectionString: databaseUrl })
await listener.connect()
await listener.query(`set search_path = ${quoted(schema)}`)
let projections: Projections | undefined

/** By the clock that PostgreSQL reads, too. */
const now = () => performance.timeOrigin + performance.now()

async function follow() {
  const startedAt = performance.now()
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const running = await startProjections({
    definitions: [walletProjection],
    logs: new Map([[wallet.name, log]]),
    namespace: namespaceOf(plan),
    database,
    settings: config.projections,
    logger,
  })
  projections = running
  const look = () => {
    if ((running.status()[0]?.positions[log.stream]?.applied ?? 0) >= plan.events) resolve()
  }
  const end = running.onApplied(look)
  look()
  await done
  end()
  return { ms: performance.now() - startedAt, peakMb: ownPeakMb() }
}

interface JobRow {
  state: string
  error: string | null
  swapped: boolean
  started: number
  finished: number | null
}

async function job(): Promise<JobRow | undefined> {
  const { rows } = await listener.query<JobRow>(
    `select state, error, coalesce((result->>'swapped')::boolean, false) as swapped,
       extract(epoch from started_at)::float8 * 1000 as started, extract(epoch from finished_at)::float8 * 1000 as finished
     from tb_projection_job where projection = $1 and kind = 'rebuild'`,
    [walletProjection.name],
  )
  return rows[0]
}

/**
 * A whole rebuild is over when the swap has committed, which PostgreSQL notifies of; a partial one with the end of the job.
 * The old table is dropped a second later: that is waited for, and not counted.
 */
async function rebuild(from: number | undefined, patienceMs: number): Promise<RebuildResult> {
  const deadline = now() + patienceMs
  phases = []
  let swappedAt: number | undefined
  const onNotice = () => void (swappedAt ??= now())
  await listener.query(`listen ${quoted(channelOf(schema))}`)
  listener.on('notification', onNotice)
  const cpu = process.cpuUsage()
  const options = from === undefined ? {} : { from: { sequence: from } }
  await requestJob(database.db, { projection: walletProjection.name, kind: 'rebuild', options })
  let row = await job()
  while (row?.state === 'waiting' || row?.state === 'running') {
    await delay(100)
    if (now() > deadline) await cancelJob(database.db, walletProjection.name, 'rebuild')
    row = await job()
  }
  const { user, system } = process.cpuUsage(cpu)
  listener.off('notification', onNotice)
  if (!row) throw new Error('There is no row of the rebuild')
  const gaveUp = row.state === 'cancelled'
  if (!gaveUp && (row.state !== 'done' || row.swapped !== (from === undefined))) {
    throw new Error(`The rebuild is ${row.state}: ${row.error ?? 'no reason given'}`)
  }
  const { started } = row
  const end = from === undefined && !gaveUp ? swappedAt : row.finished
  return {
    ms: (end ?? Number.NaN) - started,
    gaveUp,
    cpuMs: (user + system) / 1000,
    peakMb: ownPeakMb(),
    phases: phases.map(({ phase, at }) => ({ phase, ms: at - started })),
  }
}

serve(
  async (message) => {
    const request = OursRequest.parse(message)
    return request.kind === 'follow' ? await follow() : await rebuild(request.from, request.patienceMs)
  },
  async () => {
    await projections?.stop()
    await listener.end()
    await database.close()
    await nc.close()
  },
)
