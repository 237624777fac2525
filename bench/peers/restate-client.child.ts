import { Agent, request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { childOptions, serve } from '../support/child.ts'
import { runLoad } from '../support/load.ts'
import { PeerOptions, PeerRequest } from '../support/peer-protocol.ts'
import { requests } from '../support/traffic.ts'

/** Sends orders' commands to Restate's ingress, over connections that stay open. */
const { url } = childOptions(PeerOptions)
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

function post(path: string, data: unknown): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(data)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = httpRequest(new URL(path, url), { method: 'POST', agent, headers }, (response) => {
      text(response).then((read) => resolve({ status: response.statusCode ?? 0, body: read }), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

serve(
  (message) => {
    const { run, shape } = PeerRequest.parse(message)
    const source = requests('orders', run)
    return runLoad(shape, async () => {
      const { id, command, data } = source.next().value
      const { status, body } = await post(`/order/${id}/${command}`, data)
      return status === 200 ? undefined : `${status} ${body.slice(0, 200)}`
    })
  },
  () => Promise.resolve(agent.destroy()),
)
