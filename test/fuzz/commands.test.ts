import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsByAggregate } from '../../src/commands/definition/define-transaction.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { type Served, serveOn } from '../security/serve.ts'
import { stackOfFile } from '../support/stack.ts'
import { errorLog, expectTyped, untilReady } from './answers.ts'
import { nearly } from './from-schema.ts'
import { runs } from './fuzzing.ts'
import { oddJson, oddText } from './hostile.ts'
import { rawNats } from './raw-nats.ts'

const stack = stackOfFile()
const log = errorLog()
let service: Served
beforeAll(async () => {
  service = await serveOn(stack(), { logger: log.logger, untilTestEnds: false })
}, 60_000)
afterAll(async () => {
  await service?.stop()
}, 60_000)

const contexts = await loadContexts({ modules: [], builtin: true, serve: [] })
/** Each command of each aggregate, with bodies that nearly fit. */
const known = contexts.flatMap(({ aggregates, transactions }) => [
  ...aggregates.flatMap(({ name, commands }) =>
    Object.entries(commands).map(([command, schema]) => ({ name, command, body: nearly(schema) })),
  ),
  ...[...transactionsByAggregate(transactions)].flatMap(([name, all]) =>
    Array.from(all, ([command, { data }]) => ({ name, command, body: nearly(data) })),
  ),
])

const id = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.stringMatching(/^[A-Za-z0-9_-]{1,140}$/))
/** What the server takes for a subject: no space, no control character. */
const token = oddText.map((text) => text.replace(/[\s.*>]|\p{Cc}|\p{Cs}/gu, '').slice(0, 300) || 'x')
const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'Command-Id',
      'Correlation-Id',
      'Causation-Id',
      'Expected-Version',
      'Occurred-At',
      'traceparent',
      'Wait',
      'Nats-Msg-Id',
      'Nats-Expected-Last-Subject-Sequence',
      'Content-Type',
    ),
    fc.oneof(
      oddText,
      fc.constantFrom('0', '1', '99999999999999999999', '-1', '1e3', 'completed', '2026-01-31T10:00:00Z'),
      fc.constantFrom(
        '+275760-09-13T00:00:00.000Z',
        '0000-01-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        'command-1',
      ),
    ),
  ),
  fc.tuple(oddText, oddText),
)
/** A header ends where its line does; whatever else is in it, is sent. */
const head = fc
  .array(header, { maxLength: 5 })
  .map((lines) =>
    Buffer.from(lines.map(([name, value]) => `${name}: ${value}`.replace(/[\r\n]/g, '') + '\r\n').join('')),
  )
const rawHead = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from([...bytes, 13, 10]))

const knownCommand = fc.constantFrom(...known).chain(({ name, command, body }) =>
  fc.record({
    path: id.map((one) => `${name}.${one}.${command}`),
    head: fc.oneof({ weight: 5, arbitrary: fc.constant(Buffer.alloc(0)) }, { weight: 2, arbitrary: head }),
    body: body.map((data) => Buffer.from(JSON.stringify(data))),
  }),
)
const anyCommand = fc.record({
  path: fc.oneof(
    fc.constantFrom('order.a.create', 'account.a.deposit', 'product.a.receive', 'checkout.a.start'),
    fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join('.')),
    fc.tuple(token, token).map(([one, other]) => `order.${one}.${other}`),
  ),
  head: fc.oneof(head, rawHead),
  body: fc.oneof(
    oddJson.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(Buffer.alloc(0), Buffer.alloc(1024 * 1024, 0x5b), Buffer.alloc(1024 * 1024 + 1, 0x20)),
  ),
})

async function expectUnharmed(): Promise<void> {
  expect(JSON.parse(await untilReady(service.origin))).toMatchObject({
    status: expect.stringMatching(/^(up|degraded)$/),
  })
  const reply = await service.sender.send({
    aggregate: 'customer',
    id: `well${Math.random().toString(36).slice(2)}`,
    command: 'register',
    data: { city: 'Faro', state: 'FA', postalCode: '8000' },
  })
  expect(reply.ok).toBe(true)
  expect(log.take()).toEqual([])
}

describe('whatever comes as a command is answered, with a code that says what is wrong', () => {
  it('a command of a domain, of which something may be odd', async () => {
    const nats = await rawNats(stack().natsUrl)
    const codes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(knownCommand, { minLength: 10, maxLength: 10 }), async (commands) => {
        const answers = await Promise.all(
          commands.map((one) => nats.request(`${service.namespace}.cmd.${one.path}`, one.head, one.body)),
        )
        for (const reply of answers.map(expectTyped)) {
          const code = 'code' in reply ? reply.code : 'accepted'
          codes.set(String(code), (codes.get(String(code)) ?? 0) + 1)
        }
        expect(log.take()).toEqual([])
      }),
      runs(60),
    )
    // It is no test when nothing gets past the schemas.
    expect(codes.get('accepted')).toBeGreaterThan(20)
    expect(codes.size).toBeGreaterThan(5)
    await expectUnharmed()
  })

  it('anything at all', async () => {
    const nats = await rawNats(stack().natsUrl)
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommand, { minLength: 5, maxLength: 5 }), async (commands) => {
        const answers = await Promise.all(
          commands.map((one) => nats.request(`${service.namespace}.cmd.${one.path}`, one.head, one.body)),
        )
        answers.forEach(expectTyped)
        expect(log.take()).toEqual([])
      }),
      runs(60),
    )
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    await expectUnharmed()
  })

  it('the service’s own subjects, PING, INFO and STATS', async () => {
    const nats = await rawNats(stack().natsUrl)
    const name = `${service.namespace}-commands`
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('PING', 'INFO', 'STATS'),
        fc.boolean(),
        rawHead,
        oddJson,
        async (verb, isNamed, lines, body) => {
          const text = await nats.request(
            `$SRV.${verb}${isNamed ? `.${name}` : ''}`,
            lines,
            Buffer.from(body),
          )
          expect(JSON.parse(text ?? '')).toMatchObject({ name })
          expect(text).not.toMatch(/127\.0\.0\.1|\/src\//)
        },
      ),
      runs(40),
    )
    await expectUnharmed()
  })
})
