import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, headers } from '@nats-io/nats-core'
import { randomUUID } from 'node:crypto'
import { decideGroup } from '../../src/commands/actor/decide-group.ts'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import { COMMIT_CONTENT_TYPE } from '../../src/streams/events/cloud-event.ts'
import { provisionLog } from '../../src/streams/provision/provision-log.ts'
import { parsePublishReply } from '../../src/streams/log/publish-reply.ts'
import { config, streamSpec } from '../support/service-parts.ts'
import { type Request, requests } from '../support/traffic.ts'

const STREAM = 'BARE'

/**
 * The limit: what a client can publish when it knows every sequence already. Into a stream like a context's, with the
 * headers and the body of the commit that the command would make, and nothing decided.
 */
export async function openBarePublisher(nc: NatsConnection) {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await provisionLog(jsm, streamSpec(STREAM, ['bare.evt.*.*']), () => undefined)
  const js = jetstream(nc)
  const bodies = commitBodies()
  const sequences = new Map<string, number>()
  const subjectOf = ({ aggregate, id }: Request) => `bare.evt.${aggregate}.${id}`
  const bodyOf = ({ command }: Request) => bodies.get(command) ?? ''
  return {
    /** The size of a commit's body in bytes, by command. */
    sizes: () => new Map([...bodies].map(([command, body]) => [command, Buffer.byteLength(body)])),

    /** By the JetStream client. */
    async publish(request: Request): Promise<string | undefined> {
      const subject = subjectOf(request)
      const head = headers()
      head.set('Content-Type', COMMIT_CONTENT_TYPE)
      const { seq } = await js.publish(subject, bodyOf(request), {
        headers: head,
        msgID: randomUUID(),
        expect: { lastSubjectSequence: sequences.get(subject) ?? 0 },
      })
      sequences.set(subject, seq)
      return undefined
    },

    /** By a plain request: what our own append does. */
    async request(request: Request): Promise<string | undefined> {
      const subject = subjectOf(request)
      const head = headers()
      head.set('Nats-Msg-Id', randomUUID())
      head.set('Nats-Expected-Last-Subject-Sequence', `${sequences.get(subject) ?? 0}`)
      head.set('Content-Type', COMMIT_CONTENT_TYPE)
      const message = await nc.request(subject, bodyOf(request), {
        headers: head,
        timeout: config.commands.timeoutMs,
      })
      const reply = parsePublishReply(message)
      if (!reply.ok) return reply.description
      sequences.set(subject, reply.sequence)
      return undefined
    },
  }
}

/** The body of the commit that each command makes, by the domain's own decider. */
function commitBodies(): Map<string, string> {
  const bodies = new Map<string, string>()
  const aggregates = { order, customer }
  for (const traffic of ['orders', 'addresses'] as const) {
    const list = requests(traffic, 'bench')
    let state: unknown = traffic === 'orders' ? order.initial : { registered: true }
    for (let at = 0; at < 4000; at++) {
      const { aggregate, id, command, data } = list.next().value
      if (at % 1000 !== 0) continue
      const { events, state: after } = decideGroup(
        aggregates[aggregate],
        { source: `/${config.namespace}/${aggregate}s/${aggregate}`, id, state, version: 1 },
        [commandOf(aggregate, id, command, data)],
        (error) => {
          throw error
        },
      )
      if (events.length === 0) throw new Error(`${command} made no event`)
      state = after
      bodies.set(command, JSON.stringify(events))
    }
  }
  return bodies
}

function commandOf(aggregate: string, id: string, name: string, data: unknown) {
  const commandId = randomUUID()
  return {
    aggregate,
    id,
    name,
    data,
    bytes: 0,
    commandId,
    correlationId: commandId,
    causationId: commandId,
    expectedVersion: undefined,
    time: new Date().toISOString(),
    traceparent: undefined,
  }
}
