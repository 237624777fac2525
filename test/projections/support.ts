import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import type { ProjectionDefinition } from '../../src/projections/definition/definition.ts'
import type { RebuildLimits } from '../../src/projections/jobs/limits.ts'
import type { RunnerSettings } from '../../src/projections/runner/life-context.ts'
import { startProjections } from '../../src/projections/start-projections.ts'
import type { ProjectionStatus } from '../../src/projections/status/status.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import { eventSubject, eventSubjects } from '../../src/streams/events/subjects.ts'
import { type Stack, uniqueName } from '../support/stack.ts'

const nothing = z.object({})

/** What the tests fold: an account that is opened, moved and closed, and may be opened again. */
export const account = defineAggregate({
  name: 'account',
  events: {
    'account.opened': z.object({ owner: z.string() }),
    'account.moved': z.object({ amount: z.int() }),
    'account.closed': nothing,
    'account.noted': nothing,
  },
  commands: {},
  initial: {},
  decide: {},
  evolve: {
    'account.opened': (state) => state,
    'account.moved': (state) => state,
    'account.closed': (state) => state,
    'account.noted': (state) => state,
  },
})

export const parcel = defineAggregate({
  name: 'parcel',
  events: { 'parcel.sent': z.object({ to: z.string() }) },
  commands: {},
  initial: {},
  decide: {},
  evolve: { 'parcel.sent': (state) => state },
})

export type NewEvent = { type: string; data: unknown }

export function cloudEvent(
  aggregate: string,
  id: string,
  version: number,
  { type, data }: NewEvent,
): CloudEvent {
  return {
    specversion: '1.0',
    id: `${id}-${version}`,
    source: `/t/test/${aggregate}`,
    type,
    subject: id,
    time: '2026-01-31T10:00:00.000Z',
    datacontenttype: 'application/json',
    sequence: version,
    dataversion: 1,
    correlationid: 'c',
    causationid: 'c',
    commandid: 'c',
    data,
  }
}

export interface Recorded {
  debug: string[]
  info: string[]
  warn: string[]
  error: string[]
}

export const SETTINGS: RunnerSettings & { jobConcurrency: number } = {
  batchSize: 100,
  buffer: 400,
  lagThresholdMs: 10_000,
  retryMaxMs: 500,
  parkAttempts: 3,
  jobConcurrency: 2,
}

/** A namespace and a schema of a test's own, and what is done in them. Everything is closed when the test ends. */
export async function openSpace(stack: Stack, { schema = uniqueName(), namespace = uniqueName() } = {}) {
  const logs = new Map<string, EventLog>()
  const heads = new Map<string, { sequence: number; version: number }>()
  const database = await openDatabase()

  async function openDatabase() {
    const opened = await createDatabase({
      url: stack.databaseUrl,
      schema,
      poolSize: 3,
      statementTimeoutMs: 10_000,
    })
    onTestFinished(() => opened.close())
    return opened
  }

  /** Opens a stream for the given aggregates. */
  async function log(stream: string, ...aggregates: { name: string }[]): Promise<EventLog> {
    const opened = await openEventLog({
      nc: stack.nc,
      spec: {
        name: `${namespace}_${stream}`,
        subjects: aggregates.map(({ name }) => eventSubjects(namespace, name)),
        replicas: 1,
        storage: 'file',
        duplicateWindowMs: 60_000,
      },
      appendTimeoutMs: 10_000,
      onMigration: () => {},
    })
    for (const { name } of aggregates) logs.set(name, opened)
    return opened
  }

  /** Appends one commit. */
  async function commit(aggregate: string, id: string, ...events: NewEvent[]): Promise<number> {
    const subject = eventSubject(namespace, aggregate, id)
    const { sequence, version } = heads.get(subject) ?? { sequence: 0, version: 0 }
    const drafts = events.map((event, index) => cloudEvent(aggregate, id, version + index + 1, event))
    const last = await logOf(aggregate).append({ subject, expected: sequence, events: drafts })
    heads.set(subject, { sequence: last, version: version + events.length })
    return last
  }

  function logOf(aggregate: string): EventLog {
    const found = logs.get(aggregate)
    if (!found) throw new Error(`no log for ${aggregate}`)
    return found
  }

  async function start(
    definitions: ProjectionDefinition[],
    settings: Partial<RunnerSettings> = {},
    limits: Partial<RebuildLimits> = {},
  ) {
    const recorded: Recorded = { debug: [], info: [], warn: [], error: [] }
    const logger = {
      debug: (_: object, message: string) => void recorded.debug.push(message),
      info: (_: object, message: string) => void recorded.info.push(message),
      warn: (_: object, message: string) => void recorded.warn.push(message),
      error: (_: object, message: string) => void recorded.error.push(message),
    }
    const projections = await startProjections({
      definitions,
      logs,
      namespace,
      database: await openDatabase(),
      settings: { ...SETTINGS, ...settings },
      limits,
      logger,
    })
    onTestFinished(() => projections.stop())
    const status = (name = definitions[0]?.name): ProjectionStatus => {
      const found = projections.status().find((status) => status.name === name)
      if (!found) throw new Error(`no projection ${name}`)
      return found
    }
    return { ...projections, recorded, of: status }
  }

  /** The rows that a statement answers. */
  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    const { rows } = await database.pool.query<Record<string, unknown>>(sql)
    return rows
  }

  return { stack, namespace, schema, database, logs, log, commit, start, rows, logOf }
}

export type Space = Awaited<ReturnType<typeof openSpace>>

/** Looks until the condition holds; what it waited for is in the error. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, ms = 50_000) {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain for: ${what}`)
    await delay(10)
  }
}

/** A connection of its own, whatever becomes of the others. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/**
 * Ends the backend of a runner inside of a transaction that writes rows: a share lock on its table stops it there.
 * @param begin makes the runner write
 * @returns how many were ended
 */
export async function cutInTransaction(
  client: Client,
  table: string,
  begin: () => Promise<unknown>,
): Promise<number> {
  await client.query(`begin; lock table ${table} in share mode`)
  await begin()
  let cuts = 0
  await eventually('a transaction is cut', async () => {
    const { rowCount } = await client.query(
      'select pg_terminate_backend(pid) from pg_locks where relation = $1::regclass and not granted',
      [table],
    )
    cuts += rowCount ?? 0
    return cuts > 0
  })
  await client.query('rollback')
  return cuts
}
