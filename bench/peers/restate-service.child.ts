import * as restate from '@restatedev/restate-sdk'
import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'
import { type OrderState, decide, evolve, initialState } from './order-decider.ts'

/**
 * Orders as a virtual object: its state is the order's and its version, which is less than the events that we keep.
 * Restate runs one handler at a time for an order, and makes state and answer durable.
 */
const { port } = childOptions(z.object({ port: z.int() }))

interface Kept {
  state: OrderState
  version: number
}

const command = (name: string) => async (context: restate.ObjectContext, data: unknown) => {
  const { state, version } = (await context.get<Kept>('order')) ?? { state: initialState(), version: 0 }
  const events = refusing(() => decide(state, context.key, name, data))
  const next: Kept = { state: events.reduce(evolve, state), version: version + events.length }
  context.set('order', next)
  return { ok: true, id: context.key, version: next.version, events: events.map(({ type }) => type) }
}

/** A refusal is final: any other error would be tried again for ever. */
function refusing<T>(decideIt: () => T): T {
  try {
    return decideIt()
  } catch (error) {
    throw new restate.TerminalError(error instanceof Error ? error.message : String(error))
  }
}

const order = restate.object({
  name: 'order',
  handlers: {
    create: command('create'),
    confirm: command('confirm'),
    ship: command('ship'),
    deliver: command('deliver'),
  },
})
// Otherwise it prints two lines for every invocation.
const endpoint = restate
  .endpoint()
  .setLogger(() => undefined)
  .bind(order)
await endpoint.listen(port)
serve(
  () => Promise.resolve('here'),
  () => Promise.resolve(),
)
