import { assert, constant, constantFrom, date, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAnyway, decodeCommit, firstVersion, lastVersion } from '../../src/streams/events/commit.ts'

const event = {
  specversion: '1.0',
  id: 'e-1',
  source: '/hw/orders/order',
  type: 'order.created',
  time: '2026-11-21T10:00:00.000Z',
  sequence: 1,
  correlationid: 'c-1',
  data: {},
}

function message(body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    subject: 'hw.evt.order.o-1',
    sequence: 7,
    recordedAt: 1_700_000_000_000,
    text: () => text,
    header: (name: string) => headers[name],
  }
}

describe('a commit', () => {
  it('is read out of its message: whose it is, where it stands, what it holds, what it was written on', () => {
    const body = [event, { ...event, id: 'e-2', sequence: 2 }]
    const commit = decodeCommit('ORDERS', message(body, { 'Nats-Expected-Last-Subject-Sequence': '3' }))
    expect(commit).toMatchObject({
      position: { stream: 'ORDERS', sequence: 7 },
      aggregate: 'order',
      id: 'o-1',
      recordedAt: 1_700_000_000_000,
      size: JSON.stringify(body).length,
      events: body,
    })
    expect(commit.previous).toBe(3)
    expect([firstVersion(commit), lastVersion(commit)]).toEqual([1, 2])
    expect(decodeCommit('ORDERS', message(body)).previous).toBeUndefined()
  })

  it.each([
    ['no JSON', 'no', 'is not JSON'],
    ['no array', event, 'not a JSON array'],
    ['an empty array', [], 'at least one event'],
    ['nothing', [null], 'not a CloudEvent'],
    ['a text', ['event'], 'not a CloudEvent'],
    ['an id that is no text', [{ ...event, id: 1 }], 'not a CloudEvent'],
    ['a type that is no text', [{ ...event, type: null }], 'not a CloudEvent'],
    ['a version 0', [{ ...event, sequence: 0 }], 'not a CloudEvent'],
    ['a version as text', [{ ...event, sequence: '1' }], 'not a CloudEvent'],
    ['a version that is no whole number', [{ ...event, sequence: 1.5 }], 'not a CloudEvent'],
    ['a time that is none', [{ ...event, time: '2026-13-01T00:00:00Z' }], 'not a CloudEvent'],
    ['a time without a zone', [{ ...event, time: '2026-11-21T10:00:00' }], 'not a CloudEvent'],
    ['a time as a number', [{ ...event, time: 0 }], 'not a CloudEvent'],
    ['a command id that is no text', [{ ...event, commandid: 1 }], 'not a CloudEvent'],
    ['a correlation id that is no text', [{ ...event, correlationid: {} }], 'not a CloudEvent'],
    ['a causation id that is no text', [{ ...event, causationid: [] }], 'not a CloudEvent'],
    ['no data', [{ ...event, data: undefined }], 'not a CloudEvent'],
    ['one event that is none among others', [event, 1], 'not a CloudEvent'],
  ])('is none with %s, and says where', (_, body, reason) => {
    expect(() => decodeCommit('ORDERS', message(body))).toThrow(
      expect.objectContaining({
        code: 'MALFORMED_COMMIT',
        position: { stream: 'ORDERS', sequence: 7 },
        message: expect.stringContaining(reason),
      }),
    )
    const kept = decodeAnyway('ORDERS', message(body))
    expect(kept.events).toEqual([])
    expect(kept.malformed?.message).toContain('ORDERS 7')
    expect([firstVersion(kept), lastVersion(kept)]).toEqual([0, 0])
  })

  it('has times that can be reckoned with, whatever was let in', () => {
    const digits = (count: number) =>
      string({ unit: constantFrom(...'0123456789'.split('')), minLength: count, maxLength: count })
    const two = digits(2)
    const zone = oneof(
      constant('Z'),
      tuple(constantFrom('+', '-'), two, two).map(([sign, h, m]) => `${sign}${h}:${m}`),
    )
    const time = tuple(digits(4), two, two, two, two, two, zone).map(
      ([year, month, day, hour, minute, second, z]) =>
        `${year}-${month}-${day}T${hour}:${minute}:${second}${z}`,
    )
    let taken = 0
    assert(
      property(
        oneof(
          time,
          date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          const { malformed } = decodeAnyway('ORDERS', message([{ ...event, time: text }]))
          if (malformed) return
          taken++
          expect(Date.parse(text)).not.toBeNaN()
        },
      ),
      { numRuns: 2000 },
    )
    expect(taken).toBeGreaterThan(100)
  })
})
