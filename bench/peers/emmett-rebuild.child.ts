import {
  getPostgreSQLEventStore,
  postgreSQLProjection,
  rebuildPostgreSQLProjections,
} from '@event-driven-io/emmett-postgresql'
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { walletEvent, walletId } from '../rebuild/wallet.ts'
import { type LogPlan, walletsOf } from '../rebuild/shape.ts'
import { childOptions, serve } from '../support/child.ts'
import { PeerOptions } from '../support/peer-protocol.ts'
import { EMMETT_TABLE, EmmettRequest } from '../rebuild/emmett-protocol.ts'

/** Emmett's event store with the same wallets, and its rebuild of them into a flat table of the same columns. */
const { url } = childOptions(PeerOptions)
const store = getPostgreSQLEventStore(url)
await store.schema.migrate()
const client = new Client({ connectionString: url })
await client.connect()
await client.query(`create table if not exists ${EMMETT_TABLE} (id text primary key, owner text not null,
  currency text not null, balance bigint not null, last_reference text, opened_at timestamptz not null,
  updated_at timestamptz not null, version bigint not null)`)

/** What an event holds here: Emmett has no business time, so that it stands in the data. */
type WalletEvent =
  | { type: 'wallet.opened'; data: { owner: string; currency: string; at: string } }
  | { type: 'wallet.moved'; data: { amount: number; reference: string; at: string } }

const OPEN = {
  name: 'open',
  text: `insert into ${EMMETT_TABLE} (id, owner, currency, balance, last_reference, opened_at, updated_at, version)
    values ($1, $2, $3, 0, null, $4, $4, $5)`,
}
const MOVE = {
  name: 'move',
  text: `update ${EMMETT_TABLE} set balance = balance + $2, last_reference = $3, updated_at = $4, version = $5 where id = $1`,
}

/** By the very function that its append calls, a thousand appends in a transaction; up to a hundred events in one. */
async function fill(plan: LogPlan): Promise<{ events: number }> {
  const wallets = walletsOf(plan)
  const perWallet = plan.events / wallets
  const append = {
    name: 'append',
    text: `select success from emt_append_to_stream($1::text[], $2::jsonb[], $3::jsonb[], $4::text[], $5::text[], $6::text[],
      $7, 'wallet', $8, 'emt:default')`,
  }
  for (let from = 1; from <= perWallet; from += 100) {
    const to = Math.min(perWallet, from + 99)
    const length = to - from + 1
    for (let at = 0; at < wallets; at++) {
      if (at % 1000 === 0) await client.query('begin')
      const events = Array.from({ length }, (_, offset) => walletEvent(at, from + offset))
      const same = (value: string) => events.map(() => value)
      await client.query(append, [
        events.map(() => randomUUID()),
        events.map(({ data, time }) => JSON.stringify({ ...data, at: time })),
        same('{}'),
        same('1'),
        events.map(({ type }) => type),
        same('E'),
        walletId(at),
        from - 1,
      ])
      if (at % 1000 === 999 || at === wallets - 1) await client.query('commit')
    }
  }
  await client.query('vacuum analyze')
  return { events: plan.events }
}

/**
 * Its own rebuild, of a projection with a new name each time: it goes on from the checkpoint of one that it has rebuilt
 * before. The time ends with the last event handled, not with its last look for more.
 */
async function rebuild(name: string, events: number, pulling: object): Promise<{ ms: number }> {
  let handled = 0
  let handledAt = Number.NaN
  const projection = postgreSQLProjection<WalletEvent>({
    name,
    canHandle: ['wallet.opened', 'wallet.moved'],
    async handle(batch, { connection }) {
      for (const { type, data, metadata } of batch) {
        const { streamName: id, streamPosition } = metadata
        const version = streamPosition.toString()
        await connection.client.query(
          type === 'wallet.opened'
            ? { ...OPEN, values: [id, data.owner, data.currency, data.at, version] }
            : { ...MOVE, values: [id, data.amount, data.reference, data.at, version] },
        )
      }
      handled += batch.length
      if (handled === events) handledAt = performance.now()
    },
    async truncate({ connection }) {
      await connection.client.query(`truncate ${EMMETT_TABLE}`)
    },
  })
  const consumer = rebuildPostgreSQLProjections<WalletEvent>({
    connectionString: url,
    projections: [projection],
    pulling,
  })
  const startedAt = performance.now()
  await consumer.start()
  await consumer.close()
  return { ms: handledAt - startedAt }
}

serve(
  async (message) => {
    const request = EmmettRequest.parse(message)
    return request.kind === 'fill'
      ? await fill(request.plan)
      : await rebuild(request.name, request.events, request.pulling)
  },
  async () => {
    await store.close()
    await client.end()
  },
)
