import { jetstreamManager } from '@nats-io/jetstream'
import { createInbox, headers } from '@nats-io/nats-core'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { COMMIT_CONTENT_TYPE } from '../../src/streams/events/cloud-event.ts'
import { provisionLog } from '../../src/streams/provision/provision-log.ts'
import { parsePublishReply } from '../../src/streams/log/publish-reply.ts'
import { eventSubject } from '../../src/streams/events/subjects.ts'
import { childOptions, serve } from '../support/child.ts'
import { connectTo } from '../support/service-parts.ts'
import { LogPlan, namespaceOf, specOf, walletsOf } from './shape.ts'
import { wallet, walletCloudEvent, walletId } from './wallet.ts'

/**
 * Writes a log as fast as the server takes it: commits as the command path writes them, with every sequence known before, so
 * that they need not wait for each other.
 */
const { url } = childOptions(z.object({ url: z.string() }))
const nc = await connectTo(url)

/** Commits on their way: the server drops what it cannot take, and then says so in no answer. */
const IN_FLIGHT = 2000

async function write(plan: LogPlan): Promise<{ seconds: number }> {
  await provisionLog(await jetstreamManager(nc, { checkAPI: false }), specOf(plan), () => undefined)
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  const wallets = walletsOf(plan)
  const namespace = namespaceOf(plan)
  const inbox = createInbox()
  const startedAt = performance.now()
  let sent = 0
  let stored = 0

  const subscription = nc.subscribe(inbox, {
    callback(error, message) {
      const reply = error ?? parsePublishReply(message)
      if (!('ok' in reply && reply.ok && reply.sequence === ++stored)) {
        reject(new Error(`The commit ${stored} was not stored as it should be: ${JSON.stringify(reply)}`))
      } else if (stored === plan.events) resolve()
      else if (sent - stored < IN_FLIGHT / 2) send()
    },
  })

  function send(): void {
    for (; sent < plan.events && sent - stored < IN_FLIGHT; sent++) {
      const at = sent % wallets
      const version = Math.floor(sent / wallets) + 1
      const head = headers()
      head.set('Nats-Msg-Id', randomUUID())
      head.set('Nats-Expected-Last-Subject-Sequence', `${version === 1 ? 0 : sent + 1 - wallets}`)
      head.set('Content-Type', COMMIT_CONTENT_TYPE)
      const body = JSON.stringify([walletCloudEvent(namespace, at, version)])
      nc.publish(eventSubject(namespace, wallet.name, walletId(at)), body, { headers: head, reply: inbox })
    }
  }

  send()
  await done
  subscription.unsubscribe()
  return { seconds: (performance.now() - startedAt) / 1000 }
}

serve(
  (request) => write(LogPlan.parse(request)),
  () => nc.close(),
)
