import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { cents } from '../../../src/domains/money.ts'
import { connectTo, uniqueName, useNats } from '../../streams/support.ts'
import { until } from '../../support/until.ts'
import { openBank } from './bank.ts'
import { type Replica, openReplica } from './replica.ts'

const nats = useNats()

const terms = (method = 'card-1', amount = '50.00') => ({ orderId: 'o-1', amount, currency: 'EUR', method })
const types = async (replica: Replica, id: string) => (await replica.events(id)).map(({ type }) => type)

/** Two replicas over one bank. What is paused waits until it is let go. */
async function open() {
  const paused = new Map<string, (() => void)[]>()
  const stops = new Set<string>()
  const bank = openBank(async (operation) => {
    if (!stops.has(operation)) return
    await new Promise<void>((go) => paused.set(operation, [...(paused.get(operation) ?? []), go]))
  })
  const namespace = uniqueName()
  const first = await connectTo(nats())
  const one = await openReplica(first, namespace, bank.gateway)
  const two = await openReplica(await connectTo(nats()), namespace, bank.gateway)
  return {
    bank,
    one,
    two,
    crashOne: () => first.close(),
    pause: (operation: string) => void stops.add(operation),
    waiting: (operation: string, count = 1) =>
      until(`${count} to wait at ${operation}`, async () => paused.get(operation)?.length === count),
    go: (operation: string) => {
      stops.delete(operation)
      for (const resume of paused.get(operation) ?? []) resume()
      paused.delete(operation)
    },
  }
}

describe('a void that overtakes its authorize', () => {
  it.each(['authorize', 'authorize done'])('leaves nothing held, wherever that is: %s', async (moment) => {
    const { bank, one, two, pause, waiting, go } = await open()
    pause(moment)
    const authorizing = one.send('p', 'authorize', terms())
    await waiting(moment)
    expect(await two.send('p', 'void')).toMatchObject({ ok: true, version: 1 })
    go(moment)
    expect(await authorizing).toMatchObject({ status: 422, code: 'PAYMENT_ALREADY_VOIDED' })
    expect(bank.account('p')).toEqual({ held: 0n, captured: 0n, refunded: 0n })
    expect(await types(one, 'p')).toEqual(['payment.voided'])
  })

  it('and meets it after all releases what it found too late', async () => {
    const { bank, one, two, pause, waiting, go } = await open()
    pause('void done')
    const voiding = two.send('p', 'void')
    await waiting('void done')
    expect(await one.send('p', 'authorize', terms())).toMatchObject({ ok: true, version: 1 })
    go('void done')
    expect(await voiding).toMatchObject({ ok: true, version: 2 })
    expect(bank.account('p').held).toBe(0n)
    expect(await types(one, 'p')).toEqual(['payment.authorized', 'payment.voided'])
  })
})

describe('an authorize', () => {
  it('whose replica dies between answer and commit is made once, by the same command sent again', async () => {
    const { bank, one, two, crashOne, pause, waiting, go } = await open()
    pause('authorize done')
    void one.send('p', 'authorize', terms(), 'c-1')
    await waiting('authorize done')
    await crashOne()
    go('authorize done')
    expect(await two.send('p', 'authorize', terms(), 'c-1')).toMatchObject({ ok: true, version: 1 })
    expect(bank.asked).toEqual(['authorize c-1', 'authorize c-1'])
    expect(bank.account('p').held).toBe(5000n)
    expect(await two.events('p')).toMatchObject([{ data: { reference: 'p/c-1' } }])
  })

  it('that is declined is so again under its id, and leaves no trace; another method is another command', async () => {
    const { bank, one } = await open()
    for (let time = 0; time < 2; time++)
      expect(await one.send('p', 'authorize', terms('declined-1'), 'c-1')).toMatchObject({
        status: 422,
        code: 'PAYMENT_DECLINED',
      })
    expect(await types(one, 'p')).toEqual([])
    expect(await one.send('p', 'authorize', terms(), 'c-2')).toMatchObject({ ok: true, version: 1 })
    expect(bank.asked).toEqual(['authorize c-1', 'authorize c-1', 'authorize c-2'])
  })

  it('asks nobody for what is authorized, or refused, already', async () => {
    const { bank, one, two } = await open()
    await one.send('p', 'authorize', terms())
    expect(await two.send('p', 'authorize', terms())).toMatchObject({ ok: true, version: 1, events: [] })
    expect(await two.send('p', 'authorize', terms('card-2'))).toMatchObject({
      code: 'PAYMENT_ALREADY_AUTHORIZED',
    })
    expect(bank.asked).toHaveLength(1)
  })
})

describe('through two replicas at once', () => {
  it('a payment is captured once, however many ask for it', async () => {
    const { bank, one, two } = await open()
    await one.send('p', 'authorize', terms())
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).send('p', 'capture')),
    )
    for (const reply of replies) expect(reply).toMatchObject({ ok: true, version: 2 })
    expect(bank.account('p')).toMatchObject({ held: 0n, captured: 5000n })
    expect(await types(one, 'p')).toEqual(['payment.authorized', 'payment.captured'])
  })

  it('no more is refunded than was captured, and the bank and the log say the same', async () => {
    const { bank, one, two } = await open()
    await one.send('p', 'authorize', terms())
    await one.send('p', 'capture')
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? one : two).send('p', 'refund', { amount: '10.00', reason: 'damaged' }),
      ),
    )
    expect(replies.filter(({ ok }) => ok)).toHaveLength(5)
    for (const reply of replies)
      if (!reply.ok) expect(reply.code).toMatch(/^REFUND_(EXCEEDS_PAYMENT|DECLINED)$/)
    expect(bank.account('p').refunded).toBe(5000n)
    expect((await types(one, 'p')).filter((type) => type === 'payment.refunded')).toHaveLength(5)
  })

  it('a refund of the rest is another request once the rest is another one', async () => {
    const { bank, one, two, pause, waiting, go } = await open()
    await one.send('p', 'authorize', terms())
    await one.send('p', 'capture')
    pause('refund done')
    const first = one.send('p', 'refund', { amount: '40.00', reason: 'damaged' })
    await waiting('refund done')
    const rest = () => two.send('p', 'refund', { reason: 'damaged' }, 'rest')
    // The bank has given back the 40.00, and the log does not know it yet.
    const early = rest()
    await waiting('refund done', 2)
    go('refund done')
    await first
    await early
    expect(await rest()).toMatchObject({ ok: true })
    expect(bank.account('p').refunded).toBe(5000n)
    expect((await one.events('p')).at(-1)).toMatchObject({ data: { amount: '10.00' } })
  })

  it.each([1, 2, 3, 4, 5])('whatever is sent, the bank and the log say the same (seed %i)', async (seed) => {
    const random = randomOf(seed)
    const bank = openBank(async () => {
      for (let turns = random(4); turns > 0; turns--) await turn()
    })
    const namespace = uniqueName()
    const replicas = [
      await openReplica(await connectTo(nats()), namespace, bank.gateway),
      await openReplica(await connectTo(nats()), namespace, bank.gateway),
    ]
    const [reader] = replicas
    const commands: [string, object][] = [
      ['authorize', terms()],
      ['authorize', terms('card-2')],
      ['authorize', terms('declined-1')],
      ['capture', {}],
      ['refund', { amount: '20.00', reason: 'r' }],
      ['refund', { reason: 'r' }],
      ['void', {}],
    ]
    const ids = ['p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6']
    for (let round = 0; round < 8; round++) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          // A void ends a payment, so it comes less often.
          const [name, data] = commands[random(round < 4 ? 6 : 7)] ?? ['capture', {}]
          const id = ids[random(ids.length)] ?? ''
          const commandId = `c-${random(400)}-${id}-${name}-${JSON.stringify(data).length}`
          await replicas[random(2)]?.send(id, name, data, commandId)
        }),
      )
    }
    for (const id of ids) {
      const events = (await reader?.events(id)) ?? []
      const sum = (type: string) =>
        events
          .filter((event) => event.type === type)
          .reduce((total, { data }) => total + cents(amountOf(data)), 0n)
      const isVoided = events.some(({ type }) => type === 'payment.voided')
      const captured = sum('payment.captured')
      const held = isVoided || captured > 0n ? 0n : sum('payment.authorized')
      expect(bank.account(id), id).toEqual({ held, captured, refunded: sum('payment.refunded') })
      expect(captured > 0n && isVoided).toBe(false)
    }
    expect(replicas.flatMap(({ errors }) => errors)).toEqual([])
  })
})

const amountOf = (data: unknown) =>
  typeof data === 'object' && data !== null && 'amount' in data ? String(data.amount) : '0.00'

/** The numbers of a small generator: always the same for a seed. https://prng.di.unimi.it/splitmix64.c, in 32 bits */
function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below
  }
}
