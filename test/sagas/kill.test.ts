import { expect, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { COMPLETED, addProducts, basket, openLogs, startHeadwater, tracesOf } from './checkouts.ts'

// All of them take some minutes: HEADWATER_KILL_ALL=1. Otherwise some, spread over both courses.
const ALL = process.env['HEADWATER_KILL_ALL'] === '1'

const courses = [
  // Seven of the saga, two of the order, one of each product, two of the payment, one of the shipment.
  { course: 'completed', commits: 14, postalCode: '1100-048', traces: COMPLETED },
  // Eight of the saga, two of the order, two of each product, two of the payment.
  {
    course: 'compensated',
    commits: 16,
    postalCode: '00000',
    traces: {
      order: ['created', 'cancelled'],
      payment: ['authorized', 'voided'],
      shipment: [],
      tea: ['reserved', 'released'],
      pot: ['reserved', 'released'],
    },
  },
]

const points = courses.flatMap((course) =>
  Array.from({ length: course.commits }, (_, index) => index + 1).flatMap((commit) =>
    ['before', 'after'].map((when) => ({
      ...course,
      at: `${when} ${commit}`,
      id: `${course.course}-${when}-${commit}`,
    })),
  ),
)
const tried = ALL ? points : points.filter((_, index) => index % 15 === 4)

const stack = stackOfFile()

test(`a service that is killed before or after any commit of a checkout goes on with it when it is back (${tried.length} faults)`, async () => {
  // Impatient: what was sent to a service that is gone then is sent again soon.
  const sender = createNatsSender({ nc: stack().nc, namespace: 'hw', timeoutMs: 4000 })
  let child = await startHeadwater(stack(), { KILL_AT: `${tried[0]?.at} ${tried[0]?.id}` })
  await addProducts(sender)
  const logs = await openLogs(stack().nc)
  const delays: number[] = []
  for (const [index, { id, course, postalCode, traces }] of tried.entries()) {
    const start = { aggregate: 'checkout', id, command: 'start', commandId: `start-${id}` }
    const send = async () =>
      await sender.send({ ...start, data: basket({ postalCode }) }).catch(() => undefined)
    const reply = until(`an answer to the start of ${id}`, async () => {
      const answer = await send()
      return answer?.ok === true && answer
    })
    expect([id, await child.exited, child.process.signalCode]).toEqual([id, null, 'SIGKILL'])
    const next = tried[index + 1]
    child = await startHeadwater(stack(), next && { KILL_AT: `${next.at} ${next.id}` })
    const backAt = performance.now()
    expect(await reply).toMatchObject({ ok: true })
    expect([id, await until(`the end of ${id}`, () => logs.endOf(id))]).toEqual([id, course])
    delays.push(performance.now() - backAt)
    expect([id, await tracesOf(logs, id)]).toEqual([id, traces])
  }
  delays.sort((a, b) => a - b)
  const median = delays[delays.length >> 1] ?? 0
  console.log(
    `${tried.length} kills; after it was back a checkout was through in ${Math.round(median)} ms (median), ${Math.round(delays.at(-1) ?? 0)} ms at most`,
  )
  expect(median).toBeLessThan(5000)
}, 900_000)
