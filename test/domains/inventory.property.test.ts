import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRejection } from '../../src/commands/definition/decision.ts'
import { product } from '../../src/domains/inventory/aggregate.ts'
import { productProjection } from '../../src/domains/inventory/projection.ts'
import { ENDED_REMEMBERED, MOST_OPEN } from '../../src/domains/inventory/state.ts'
import type { Row } from '../../src/projections/definition/definition.ts'
import type { RecordedEvent } from '../../src/streams/events/recorded-event.ts'
import { expectedStock } from './expected-stock.ts'

const TIME = '2026-01-31T10:00:00.000Z'

/** A product and its row; its state fresh from a snapshot for every command, if it is said. */
function shelf({ isReloaded = false } = {}) {
  let state: typeof product.initial = product.initial
  let row: Row | null = null
  const events: RecordedEvent[] = []

  /** Answers the code of a refusal, else the types of the events. */
  function send(command: string, data: object): string {
    const decision = product.decide(command, state, data, { id: 'tea', time: TIME, commandId: 'c' })
    if (isRejection(decision)) return decision.code
    const made = [decision].flat()
    for (const { type, data } of made) {
      const event = {
        type,
        data,
        id: 'e',
        aggregate: 'product',
        aggregateId: 'tea',
        version: events.length + 1,
        time: TIME,
        correlationId: 'c',
        causationId: 'c',
        commandId: 'c',
      }
      events.push(event)
      state = product.evolve(state, event)
      row = productProjection.evolve(row, event)
    }
    if (isReloaded) state = structuredClone(state)
    return made.map(({ type }) => type).join()
  }
  return {
    send,
    events,
    get state() {
      return state
    },
    get row() {
      return row
    },
  }
}

const quantity = fc.integer({ min: 1, max: 8 })
const reservationId = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const step = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(fc.constant('receive'), fc.record({ quantity })) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('reserve'), fc.record({ reservationId, quantity })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('release'), fc.record({ reservationId })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('ship-reserved'), fc.record({ reservationId })) },
)

describe('whatever is sent to a product', () => {
  it('its stock is never negative, and the row is what its history sums up to', () => {
    const seen = new Map<string, number>()
    const property = fc.property(
      fc.nat({ max: 12 }),
      fc.array(step, { minLength: 1, maxLength: 60 }),
      (stock, steps) => {
        const tea = shelf({ isReloaded: true })
        tea.send('add', { name: 'Tea', price: '1.00', currency: 'EUR', stock })
        for (const [command, data] of steps) {
          const outcome = tea.send(command, data)
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
          const [expected] = expectedStock(tea.events.map((event) => ({ ...event, id: event.aggregateId })))
          expect(tea.row).toEqual(expected)
          expect(tea.state).toMatchObject({ stock: expected?.stock, reserved: expected?.reserved })
          for (const figure of [expected?.available, expected?.reserved])
            expect(figure).toBeGreaterThanOrEqual(0)
        }
      },
    )
    fc.assert(property, { numRuns: 300, seed: 7 })
    // Every way that a command can go was gone.
    expect([...seen.keys()].toSorted()).toEqual([
      '',
      'OUT_OF_STOCK',
      'RESERVATION_EXISTS',
      'RESERVATION_NOT_FOUND',
      'RESERVATION_RELEASED',
      'RESERVATION_SHIPPED',
      'product.received',
      'product.released',
      'product.reserved',
      'product.shipped',
    ])
  })

  it('each reservation is made once and ends at most once', () => {
    const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const tea = shelf()
      tea.send('add', { name: 'Tea', price: '1.00', currency: 'EUR', stock: 20 })
      for (const [command, data] of steps) tea.send(command, data)
      const count = (id: string, ...types: string[]) =>
        tea.events.filter(
          ({ type, data }) =>
            types.includes(type) &&
            typeof data === 'object' &&
            data !== null &&
            Reflect.get(data, 'reservationId') === id,
        ).length
      for (const id of 'abcdef') {
        const made = count(id, 'product.reserved')
        expect(made).toBeLessThanOrEqual(1)
        expect(count(id, 'product.released', 'product.shipped')).toBeLessThanOrEqual(made)
      }
    })
    fc.assert(property, { numRuns: 300, seed: 8 })
  })
})

describe('the state of a product', () => {
  const longId = (index: number) => `${index}`.padStart(128, 'r')
  const full = () => {
    const tea = shelf()
    tea.send('add', { name: 'Tea', price: '1.00', currency: 'EUR', stock: 2_000_000_000 })
    return tea
  }

  it('remembers the reservations that ended last: to repeat how one ended changes nothing', () => {
    const tea = full()
    for (let index = 0; index <= ENDED_REMEMBERED; index++) {
      tea.send('reserve', { reservationId: longId(index), quantity: 1 })
      tea.send(index % 2 === 0 ? 'release' : 'ship-reserved', { reservationId: longId(index) })
    }
    expect(tea.state.ended).toHaveLength(ENDED_REMEMBERED)
    for (let index = 1; index <= ENDED_REMEMBERED; index++)
      expect(tea.send(index % 2 === 0 ? 'release' : 'ship-reserved', { reservationId: longId(index) })).toBe(
        '',
      )
    expect(tea.send('release', { reservationId: longId(0) })).toBe('RESERVATION_NOT_FOUND')
  })

  it('is bounded: with all the reservations that it may have its snapshot fits into one NATS message', () => {
    const tea = full()
    for (let index = 0; index < ENDED_REMEMBERED; index++) {
      tea.send('reserve', { reservationId: longId(index), quantity: 1 })
      tea.send('release', { reservationId: longId(index) })
    }
    const one = { quantity: 100_000 }
    for (let index = 0; index < MOST_OPEN; index++)
      expect(tea.send('reserve', { reservationId: `o${longId(index).slice(1)}`, ...one })).toBe(
        'product.reserved',
      )
    expect(tea.send('reserve', { reservationId: 'more', ...one })).toBe('TOO_MANY_RESERVATIONS')
    expect(Buffer.byteLength(JSON.stringify(tea.state))).toBeLessThan(1_000_000)
    tea.send('release', { reservationId: `o${longId(0).slice(1)}` })
    expect(tea.send('reserve', { reservationId: 'more', ...one })).toBe('product.reserved')
  })
})
