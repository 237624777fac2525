import type { NatsConnection } from '@nats-io/nats-core'
import { Pool } from 'pg'
import { expect } from 'vitest'
import { auditLedger, readLedger } from '../transactions/ledger-log.ts'
import { until } from '../support/until.ts'
import type { Clients } from './clients.ts'
import { eventsOf, gapsIn, messagesOf } from './stored.ts'

/** The log is what clients were told: every event of every answer, with its version and position, once; and nothing else. */
export async function auditLog(nc: NatsConnection, { accepted }: Clients): Promise<void> {
  const ledger = await eventsOf(nc, 'LEDGER')
  expect(gapsIn(ledger)).toEqual([])
  const byId = new Map(ledger.map((event) => [event.id, event]))
  expect(byId.size).toBe(ledger.length)
  const byVersion = new Map(ledger.map((event) => [`${event.aggregate} ${event.version}`, event]))
  const answered = new Set<string>()
  for (const [commandId, { id, version, position, events }] of accepted) {
    for (const event of events) {
      answered.add(event.id)
      expect(byId.get(event.id)).toMatchObject({ commandId, version: event.version, type: event.type })
    }
    expect(byVersion.get(`account.${id} ${version}`)).toMatchObject({
      commandId,
      position: position.sequence,
    })
  }
  // What nobody was told: a command that was applied once more than it was answered.
  expect(ledger.filter(({ id }) => !answered.has(id))).toEqual([])
  expect(auditLedger(await readLedger(nc, 'LEDGER'))).toEqual([])
}

/** The rows are the fold of the log. */
export async function auditRows(nc: NatsConnection, databaseUrl: string): Promise<void> {
  const { balances } = await readLedger(nc, 'LEDGER')
  const pool = new Pool({ connectionString: databaseUrl })
  try {
    const rows = async () => {
      const { rows: all } = await pool.query<{ id: string; balance: string }>(
        'SELECT id, balance::text FROM tb_account_projection',
      )
      return new Map(all.map(({ id, balance }) => [id, BigInt(balance.replace('.', ''))]))
    }
    const isCaughtUp = async () => {
      const found = await rows()
      return [...balances].every(([id, cents]) => found.get(id) === cents)
    }
    await until('the balances are those of the log', isCaughtUp).catch(() => undefined)
    expect(await rows()).toEqual(balances)
  } finally {
    await pool.end()
  }
}

/** Every transfer is in the public feed, once. */
export async function auditFeed(nc: NatsConnection): Promise<void> {
  const ledger = await eventsOf(nc, 'LEDGER')
  const transfers = ledger.filter(({ type }) => type === 'account.debited').map(({ id }) => id)
  const published = async () =>
    (await messagesOf(nc, 'FEED'))
      .filter(({ subject }) => subject.startsWith('hw.feed.transfer.completed.'))
      .map(({ id }) => id)
  await until(
    'all transfers are in the feed',
    async () => (await published()).length >= transfers.length,
  ).catch(() => undefined)
  expect((await published()).toSorted()).toEqual(transfers.toSorted())
}
