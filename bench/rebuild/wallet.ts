import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'

/** What the logs of this benchmark hold: wallets, opened once and then moved. */
export const wallet = defineAggregate({
  name: 'wallet',
  events: {
    'wallet.opened': z.object({ owner: z.string(), currency: z.string() }),
    'wallet.moved': z.object({ amount: z.int(), reference: z.string() }),
  },
  commands: {},
  initial: {},
  decide: {},
  evolve: { 'wallet.opened': (state) => state, 'wallet.moved': (state) => state },
})

export const walletProjection = defineProjection({
  name: 'wallet',
  version: 1,
  from: [wallet],
  columns: {
    id: column.text().key(),
    owner: column.text(),
    currency: column.text(),
    balance: column.bigint(),
    last_reference: column.text().nullable(),
    opened_at: column.timestamp(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'wallet.opened': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      owner: data.owner,
      currency: data.currency,
      balance: 0,
      last_reference: null,
      opened_at: time,
      updated_at: time,
      version,
    }),
    'wallet.moved': (row, { data, time, version }) =>
      row && {
        ...row,
        balance: row.balance + data.amount,
        last_reference: data.reference,
        updated_at: time,
        version,
      },
  },
})

const EPOCH = Date.parse('2026-01-01T00:00:00.000Z')

/** The data of a wallet's event with this version; always the same for the same wallet and version. */
export function walletEvent(wallet: number, version: number): { type: string; data: object; time: string } {
  const time = new Date(EPOCH + wallet * 1009 + version * 60_013).toISOString()
  return version === 1
    ? { type: 'wallet.opened', data: { owner: `Owner of wallet ${wallet}`, currency: 'EUR' }, time }
    : {
        type: 'wallet.moved',
        data: {
          amount: ((wallet * 31 + version * 17) % 2001) - 1000,
          reference: `payment ${wallet}/${version}`,
        },
        time,
      }
}

/** The event as it stands in the log, with all that the command path writes. */
export function walletCloudEvent(namespace: string, at: number, version: number): CloudEvent {
  const commandId = randomUUID()
  const { type, data, time } = walletEvent(at, version)
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/${namespace}/wallets/wallet`,
    type,
    subject: walletId(at),
    time,
    datacontenttype: 'application/json',
    sequence: version,
    dataversion: 1,
    correlationid: commandId,
    causationid: commandId,
    commandid: commandId,
    data,
  }
}

export const walletId = (at: number) => `wallet-${at}`
