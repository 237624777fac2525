import type { NatsConnection } from '@nats-io/nats-core'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { CommandSender } from '../../src/commands/client/command-sender.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import { type EventLog, findEventLogs } from '../../src/streams/log/event-log.ts'
import { sendUntilAccepted } from '../cluster/clients.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { startChild } from '../support/child.ts'

const fixture = fileURLToPath(new URL('kill.fixture.ts', import.meta.url))

export interface ServersAt {
  natsUrl: string
  databaseUrl: string
}

/** `headwater start` as a process with servers of the test's own; resolves when it says that it is up. */
export async function startHeadwater({ natsUrl, databaseUrl }: ServersAt, env: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-checkouts-'))
  const child = startChild(process.execPath, [fixture, 'start'], {
    cwd,
    env: cleanEnv({
      NATS_URL: natsUrl,
      DATABASE_URL: databaseUrl,
      HEADWATER_HTTP_PORT: '0',
      HEADWATER_LOG_LEVEL: 'warn',
      ...env,
    }),
  })
  onTestFinished(() => {
    child.process.kill('SIGKILL')
    rmSync(cwd, { recursive: true, force: true })
  })
  await child.printed(/Headwater is up/)
  return child
}

const STOCK = 10_000

export async function addProducts(sender: CommandSender): Promise<void> {
  for (const id of ['tea', 'pot']) {
    const data = { name: id, price: '1.00', currency: 'EUR', stock: STOCK }
    await sendUntilAccepted(sender, {
      aggregate: 'product',
      id,
      command: 'add',
      commandId: `add-${id}`,
      data,
    })
  }
}

/** What a checkout is started with: two products, one piece of each. */
export const basket = ({ method = 'card-1', postalCode = '1100-048' } = {}) => ({
  customerId: 'c-1',
  currency: 'EUR',
  items: [
    { sku: 'tea', quantity: 1, unitPrice: '4.50' },
    { sku: 'pot', quantity: 1, unitPrice: '20.00' },
  ],
  method,
  address: { city: 'Lisboa', postalCode },
})

/** What the logs hold, read as they are. */
export async function openLogs(nc: NatsConnection) {
  const logs = await findEventLogs(nc, 'hw')
  const logOf = (aggregate: string): EventLog => {
    const log = logs.get(aggregate)
    if (!log) throw new Error(`no log of ${aggregate}`)
    return log
  }
  return {
    async eventsOf(aggregate: string, id: string): Promise<CloudEvent[]> {
      const events: CloudEvent[] = []
      for await (const commit of logOf(aggregate).read.forwards(`hw.evt.${aggregate}.${id}`, 1))
        events.push(...commit.events)
      return events
    },
    /** How a checkout has ended; undefined while it runs. */
    async endOf(id: string): Promise<string | undefined> {
      const type = (await logOf('checkout').read.last(`hw.evt.checkout.${id}`))?.events.at(-1)?.type
      return /^saga\.(completed|compensated|parked|abandoned)$/.exec(type ?? '')?.[1]
    },
  }
}

export type Logs = Awaited<ReturnType<typeof openLogs>>

/** The reservation that an event of a product is of. */
export function reservationOf({ data }: CloudEvent): string {
  return typeof data === 'object' && data !== null && 'reservationId' in data
    ? String(data.reservationId)
    : ''
}

/** What has happened to the aggregates of a checkout, each event without the aggregate's name. */
export async function tracesOf(logs: Logs, id: string): Promise<Record<string, string[]>> {
  const names = (events: CloudEvent[]) => events.map(({ type }) => type.split('.')[1] ?? '')
  const of = async (aggregate: string) => names(await logs.eventsOf(aggregate, id))
  const [order, payment, shipment] = await Promise.all(['order', 'payment', 'shipment'].map(of))
  const [tea, pot] = await Promise.all(
    ['tea', 'pot'].map(async (sku) =>
      names((await logs.eventsOf('product', sku)).filter((event) => reservationOf(event) === id)),
    ),
  )
  return {
    order: order ?? [],
    payment: payment ?? [],
    shipment: shipment ?? [],
    tea: tea ?? [],
    pot: pot ?? [],
  }
}

export const COMPLETED = {
  order: ['created', 'confirmed'],
  payment: ['authorized', 'captured'],
  shipment: ['created'],
  tea: ['reserved'],
  pot: ['reserved'],
}
