import { CommandHandler } from '@event-driven-io/emmett'
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'
import { Pool } from 'pg'
import { childOptions, serve } from '../support/child.ts'
import { runLoad } from '../support/load.ts'
import { requests } from '../support/traffic.ts'
import { PeerOptions, PeerRequest } from '../support/peer-protocol.ts'
import { type OrderEvent, type OrderState, decide, evolve, initialState } from './order-decider.ts'

/**
 * Emmett is a library: whoever calls it has it in the process, so there is no hop to a service here, as ours has one.
 * 16 connections, see the README; events are appended, and no inline projection costs anything.
 */
const { url } = childOptions(PeerOptions)
const pool = new Pool({ connectionString: url, max: 16 })
const store = getPostgreSQLEventStore(url, { connectionOptions: { pooled: true, pool } })
await store.schema.migrate()
const handle = CommandHandler<OrderState, OrderEvent>({ evolve, initialState })

serve(
  (message) => {
    const { run, shape } = PeerRequest.parse(message)
    const source = requests('orders', run)
    return runLoad(shape, async () => {
      const { id, command, data } = source.next().value
      await handle(store, `order-${id}`, (state) => decide(state, id, command, data))
      return undefined
    })
  },
  async () => {
    await store.close()
    await pool.end()
  },
)
