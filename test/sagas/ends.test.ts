import { expect, it, onTestFinished } from 'vitest'
import { openSagaEnds } from '../../src/sagas/worker/ends.ts'
import { connectTo, uniqueName, useNats } from '../streams/support.ts'

const nats = useNats()
const NEVER_MS = 10_000_000
const trip = { saga: 'trip', id: 't-1' }

/** Two processes that tell each other of ends. */
async function openEnds(lookMs = NEVER_MS) {
  const namespace = uniqueName()
  const [one, other] = [await connectTo(nats()), await connectTo(nats())]
  const [here, there] = [openSagaEnds(one, namespace, lookMs), openSagaEnds(other, namespace, lookMs)]
  onTestFinished(() => {
    here.close()
    there.close()
  })
  await Promise.all([one.flush(), other.flush()])
  return { here, there }
}

it('all who wait for the end of a saga hear of it, in every process, and nobody else', async () => {
  const { here, there } = await openEnds()
  const given = new AbortController()
  let others = 0
  for (const whose of [
    { ...trip, id: 't-2' },
    { ...trip, saga: 'tour' },
  ])
    void here.next(whose, given.signal).then(() => others++)
  const waiting = [
    here.next(trip, given.signal),
    here.next(trip, given.signal),
    there.next(trip, given.signal),
  ]
  there.tell(trip)
  await Promise.all(waiting)
  expect(others).toBe(0)
  // What was told once is over: who asks then waits for the next time.
  let again = false
  const next = here.next(trip, given.signal).then(() => (again = true))
  await new Promise(setImmediate)
  expect(again).toBe(false)
  there.tell(trip)
  await next
  given.abort()
})

it('who gives up hears at once, also when he had given up before', async () => {
  const { here } = await openEnds()
  const given = new AbortController()
  const waiting = here.next(trip, given.signal)
  given.abort()
  await waiting
  await here.next(trip, given.signal)
})

it('who hears nothing looks for himself after a while: a notice may be lost', async () => {
  const { here } = await openEnds(20)
  await here.next(trip, new AbortController().signal)
})
