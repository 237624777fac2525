import type { NatsConnection } from '@nats-io/nats-core'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { config } from '../support/service-parts.ts'
import type { Request } from '../support/traffic.ts'

/** Sends commands with our own client; answers the code of a refusal. */
export function openCommander(nc: NatsConnection) {
  const sender = createNatsSender({
    nc,
    namespace: config.namespace,
    timeoutMs: config.commands.timeoutMs,
  })
  const send = async (request: Request): Promise<string | undefined> => {
    const reply = await sender.send(request)
    return reply.ok ? undefined : reply.code
  }
  return {
    send,
    async prepare(list: readonly Request[]): Promise<void> {
      for (const failure of await Promise.all(list.map(send))) {
        // A run may go on with the customers of an earlier one.
        if (failure !== undefined && failure !== 'CUSTOMER_ALREADY_EXISTS')
          throw new Error(`The preparation failed: ${failure}`)
      }
    },
  }
}
