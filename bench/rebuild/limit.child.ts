import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'
import { LimitRequest } from './protocol.ts'

/**
 * The limit: what Node, the NATS client and COPY can do when nobody checks, upcasts, bounds memory, or keeps a position.
 * Messages are parsed and folded in place into a map, which then goes into a table by COPY; none of our code takes part.
 */
const { url, database } = childOptions(z.object({ url: z.string(), database: z.string() }))
const nc = await connect({ servers: url, noAsyncTraces: true })
const postgres = new Client({
  connectionString: database,
  options: '-c synchronous_commit=off -c TimeZone=UTC',
})
await postgres.connect()

interface Row {
  id: string
  owner: string
  currency: string
  balance: number
  last_reference: string
  opened_at: string
  updated_at: string
  version: number
}

interface Event {
  type: string
  subject: string
  sequence: number
  time: string
  data: { owner: string; currency: string; amount: number; reference: string }
}

const NULL = String.raw`\N`
const CHUNK = 256 * 1024

async function run({ stream, events, table }: LimitRequest): Promise<{ ms: number; consumeMs: number }> {
  const startedAt = performance.now()
  const rows = await consume(stream, events)
  const consumed = performance.now()
  await postgres.query('begin')
  await postgres.query(`create table ${table} (id text not null, owner text not null, currency text not null,
    balance bigint not null, last_reference text, opened_at timestamptz not null, updated_at timestamptz not null,
    version bigint not null)`)
  await pipeline(
    Readable.from(lines(rows.values())),
    postgres.query(
      copyFrom(
        `copy ${table} (id, owner, currency, balance, last_reference, opened_at, updated_at, version) from stdin`,
      ),
    ),
  )
  await postgres.query(`alter table ${table} add primary key (id)`)
  await postgres.query('commit')
  return { ms: performance.now() - startedAt, consumeMs: consumed - startedAt }
}

async function consume(stream: string, events: number): Promise<Map<string, Row>> {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const rows = new Map<string, Row>()
  const consumer = await jetstream(nc).consumers.get(stream)
  let taken = 0
  const messages = await consumer.consume({
    max_messages: 5000,
    expires: 5000,
    callback(message) {
      const batch: Event[] = JSON.parse(message.string())
      for (const event of batch) fold(rows, event)
      if (++taken === events) resolve()
    },
  })
  await done
  messages.stop()
  return rows
}

function fold(rows: Map<string, Row>, { type, subject, sequence, time, data }: Event): void {
  if (type === 'wallet.opened') {
    const { owner, currency } = data
    rows.set(subject, {
      id: subject,
      owner,
      currency,
      balance: 0,
      last_reference: NULL,
      opened_at: time,
      updated_at: time,
      version: sequence,
    })
    return
  }
  const row = rows.get(subject)
  if (!row) throw new Error(`${subject} was moved before it was opened`)
  row.balance += data.amount
  row.last_reference = data.reference
  row.updated_at = time
  row.version = sequence
}

/** COPY's text format; nothing in this data needs an escape. */
function* lines(rows: Iterable<Row>): Generator<string> {
  let text = ''
  for (const row of rows) {
    const { id, owner, currency, balance, last_reference: reference, opened_at: opened, version } = row
    text += `${id}\t${owner}\t${currency}\t${balance}\t${reference}\t${opened}\t${row.updated_at}\t${version}\n`
    if (text.length < CHUNK) continue
    yield text
    text = ''
  }
  yield text
}

serve(
  (request) => run(LimitRequest.parse(request)),
  async () => {
    await postgres.end()
    await nc.close()
  },
)
