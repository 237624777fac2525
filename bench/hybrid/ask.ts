import { Pool } from 'undici'
import { STEPS_TAKEN, TOTAL, orderId, timeOf } from './order-log.ts'
import type { Kind } from './protocol.ts'

const QUERIES: Record<Kind, string> = {
  plain: 'query ($id: ID!) { order(id: $id) { status total } }',
  history: 'query ($id: ID!) { order(id: $id) { status total statusHistory { status at } } }',
}

/** Far more than are ever open at a time in a run that goes well. */
const CONNECTIONS = 256

/** Asks the graph for one order after the other, each picked at random, and compares every answer with what it has to be. */
export function createAsker(graph: string, orders: number) {
  const { origin, pathname: path } = new URL(graph)
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
  const head = { 'content-type': 'application/json', accept: 'application/json' }

  /** Undefined when the answer is right, else what came instead. */
  async function ask(kind: Kind): Promise<string | undefined> {
    const at = Math.floor(Math.random() * orders)
    const body = JSON.stringify({ query: QUERIES[kind], variables: { id: orderId(at) } })
    const response = await pool.request({ method: 'POST', path, headers: head, body })
    const text = await response.body.text()
    return text.startsWith(rightAnswer(kind, at))
      ? undefined
      : `${orderId(at)}: ${response.statusCode} ${text.slice(0, 500)}`
  }

  return { ask, close: () => pool.close() }
}

/** How the answer begins; what follows are `extensions`. As a text: it costs the client less than to read it. */
function rightAnswer(kind: Kind, at: number): string {
  const order = {
    status: STEPS_TAKEN.at(-1),
    total: TOTAL,
    ...(kind === 'history' && {
      statusHistory: STEPS_TAKEN.map((status, step) => ({ status, at: timeOf(at, step) })),
    }),
  }
  return JSON.stringify({ data: { order } }).slice(0, -1)
}
