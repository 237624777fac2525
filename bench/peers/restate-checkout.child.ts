import * as restate from '@restatedev/restate-sdk'
import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'

/**
 * The checkout of Headwater as a durable handler of Restate: the same steps, each a call of a virtual object that keeps its state,
 * with the same compensations. What fails for good undoes what went before.
 */
const { port } = childOptions(z.object({ port: z.int() }))

/** As the SDK's own, whose types have an optional property that cannot be given here. */
const encoder = new TextEncoder()
const decoder = new TextDecoder()
const json = {
  contentType: 'application/json',
  serialize: (value: unknown) => encoder.encode(JSON.stringify(value ?? null)),
  deserialize: (bytes: Uint8Array): unknown =>
    bytes.length === 0 ? undefined : JSON.parse(decoder.decode(bytes)),
}

interface Basket {
  customerId: string
  currency: string
  items: { sku: string; quantity: number; unitPrice: string }[]
  shippingCost: string
  method: string
  address: { city: string; postalCode: string; country: string }
}

/** A virtual object whose handlers take it from one status to another. */
function machine(name: string, steps: Record<string, readonly [from: string, to: string]>) {
  const handler = (from: string, to: string) => async (context: restate.ObjectContext, data: unknown) => {
    const { status, version } = (await context.get<{ status: string; version: number }>('state')) ?? {
      status: 'none',
      version: 0,
    }
    if (status !== from) throw new restate.TerminalError(`${name} is ${status}`)
    context.set('state', { status: to, version: version + 1, data })
    return { id: context.key, version: version + 1 }
  }
  return restate.object({
    name,
    handlers: Object.fromEntries(
      Object.entries(steps).map(([step, [from, to]]) => [step, handler(from, to)]),
    ),
  })
}

const order = machine('order', {
  create: ['none', 'created'],
  confirm: ['created', 'confirmed'],
  cancel: ['created', 'cancelled'],
})
const payment = machine('payment', {
  authorize: ['none', 'authorized'],
  capture: ['authorized', 'captured'],
  void: ['authorized', 'voided'],
})
const shipment = machine('shipment', { create: ['none', 'created'], cancel: ['created', 'cancelled'] })

interface Stock {
  available: number
  open: Record<string, number>
}
const product = restate.object({
  name: 'product',
  handlers: {
    add: async (context: restate.ObjectContext, { stock }: { stock: number }) => {
      context.set('stock', { available: stock, open: {} })
    },
    reserve: async (context: restate.ObjectContext, { id, quantity }: { id: string; quantity: number }) => {
      const stock = await context.get<Stock>('stock')
      if (!stock || stock.available < quantity) throw new restate.TerminalError('out of stock')
      context.set('stock', {
        available: stock.available - quantity,
        open: { ...stock.open, [id]: quantity },
      })
    },
    release: async (context: restate.ObjectContext, { id }: { id: string }) => {
      const stock = await context.get<Stock>('stock')
      const { [id]: quantity = 0, ...open } = stock?.open ?? {}
      if (stock) context.set('stock', { available: stock.available + quantity, open })
    },
  },
})

const checkout = restate.service({
  name: 'checkout',
  handlers: {
    run: async (context: restate.Context, { id, basket }: { id: string; basket: Basket }) => {
      const undo: (() => Promise<unknown>)[] = []
      const call = (service: string, key: string, method: string, parameter: unknown) =>
        context.genericCall({
          service,
          key,
          method,
          parameter,
          inputSerde: json,
          outputSerde: json,
        })
      try {
        const { customerId, currency, items, shippingCost, method, address } = basket
        await call('order', id, 'create', { customerId, currency, items, shippingCost })
        undo.push(() => call('order', id, 'cancel', {}))
        for (const { sku, quantity } of items) {
          await call('product', sku, 'reserve', { id, quantity })
          undo.push(() => call('product', sku, 'release', { id }))
        }
        await call('payment', id, 'authorize', { orderId: id, currency, method })
        undo.push(() => call('payment', id, 'void', {}))
        await call('shipment', id, 'create', { orderId: id, address, items })
        undo.push(() => call('shipment', id, 'cancel', {}))
        await call('order', id, 'confirm', {})
      } catch (error) {
        if (error instanceof restate.TerminalError) for (const step of undo.toReversed()) await step()
        throw error
      }
      await call('payment', id, 'capture', {})
      return { id, status: 'completed' }
    },
  },
})

const endpoint = restate
  .endpoint()
  .setLogger(() => undefined)
  .bind(order)
  .bind(payment)
  .bind(shipment)
  .bind(product)
  .bind(checkout)
await endpoint.listen(port)
serve(
  () => Promise.resolve('here'),
  () => Promise.resolve(),
)
