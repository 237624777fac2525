import { Agent, request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { SKUS, STOCK, basketOf } from '../sagas/baskets.ts'
import { childOptions, serve } from '../support/child.ts'
import { runLoad } from '../support/load.ts'
import { PeerOptions, PeerRequest } from '../support/peer-protocol.ts'

/** Sends checkouts to Restate's ingress, over connections that stay open; each answer comes when the checkout has ended. */
const { url } = childOptions(PeerOptions)
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

function post(path: string, data: unknown): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(data)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = httpRequest(new URL(path, url), { method: 'POST', agent, headers }, (response) => {
      const { statusCode = 0 } = response
      text(response).then(
        (read) => resolve(statusCode === 200 ? undefined : `${statusCode} ${read.slice(0, 200)}`),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const Request = z.union([z.literal('prepare'), PeerRequest])

serve(
  async (message) => {
    const request = Request.parse(message)
    if (request === 'prepare') {
      const failures = await Promise.all(SKUS.map((sku) => post(`/product/${sku}/add`, { stock: STOCK })))
      const failure = failures.find((one) => one !== undefined)
      if (failure !== undefined) throw new Error(`The preparation failed: ${failure}`)
      return 'ready'
    }
    const { run, shape } = request
    let at = 0
    return await runLoad(shape, () => post('/checkout/run', { id: `${run}-${at}`, basket: basketOf(at++) }))
  },
  () => Promise.resolve(agent.destroy()),
)
