import { createInbox, headers } from '@nats-io/nats-core'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { COMMIT_CONTENT_TYPE } from '../../src/streams/events/cloud-event.ts'
import { parsePublishReply } from '../../src/streams/log/publish-reply.ts'
import { eventSubject } from '../../src/streams/events/subjects.ts'
import { childOptions, serve } from '../support/child.ts'
import { config, connectTo, openHomes } from '../support/service-parts.ts'
import { COMMITS_PER_ORDER, commitOf, orderId } from './order-log.ts'
import { OrderLog } from './protocol.ts'

/**
 * Writes the orders' log as fast as the server takes it: the first step of every order, then the second of every order …,
 * so that an order's commits stand as far from each other as there are orders. Every sequence is known before.
 */
const { url } = childOptions(z.object({ url: z.string() }))
const nc = await connectTo(url)

/** Commits on their way: the server drops what it cannot take, and then says so in no answer. */
const IN_FLIGHT = 2000

async function write({ orders }: OrderLog): Promise<{ seconds: number }> {
  await openHomes(nc)
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const total = orders * COMMITS_PER_ORDER
  const inbox = createInbox()
  const startedAt = performance.now()
  let sent = 0
  let stored = 0

  const subscription = nc.subscribe(inbox, {
    callback(error, message) {
      const reply = error ?? parsePublishReply(message)
      if (!('ok' in reply && reply.ok && reply.sequence === ++stored)) {
        reject(new Error(`The commit ${stored} was not stored as it should be: ${JSON.stringify(reply)}`))
      } else if (stored === total) resolve()
      else if (sent - stored < IN_FLIGHT / 2) send()
    },
  })

  function send(): void {
    for (; sent < total && sent - stored < IN_FLIGHT; sent++) {
      const at = sent % orders
      const step = Math.floor(sent / orders)
      const head = headers()
      head.set('Nats-Msg-Id', randomUUID())
      head.set('Nats-Expected-Last-Subject-Sequence', `${step === 0 ? 0 : sent + 1 - orders}`)
      head.set('Content-Type', COMMIT_CONTENT_TYPE)
      const subject = eventSubject(config.namespace, 'order', orderId(at))
      nc.publish(subject, JSON.stringify(commitOf(at, step)), { headers: head, reply: inbox })
    }
  }

  send()
  await done
  subscription.unsubscribe()
  return { seconds: (performance.now() - startedAt) / 1000 }
}

serve(
  (request) => write(OrderLog.parse(request)),
  () => nc.close(),
)
