import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { describe, expect, test } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { backoffMs } from '../../src/streams/waiting/backoff.ts'
import { pause } from '../../src/streams/waiting/pause.ts'
import { persistently } from '../../src/streams/waiting/persistently.ts'
import { isTransient } from '../../src/streams/waiting/transient.ts'
import { within } from '../../src/streams/waiting/within.ts'

const never = new Promise<never>(() => undefined)

test('a pause doubles from 0.1 s up to the longest, and is half of that at least', () => {
  for (const [attempt, longest] of [
    [0, 100],
    [1, 200],
    [4, 1600],
    [7, 10_000],
    [1000, 10_000],
  ] as const) {
    const pauses = Array.from({ length: 200 }, () => backoffMs(attempt, 10_000))
    expect(Math.max(...pauses)).toBeLessThanOrEqual(longest)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(longest / 2)
    expect(new Set(pauses).size).toBeGreaterThan(10)
  }
})

test('a pause ends with the signal, also one that came before', async () => {
  const ending = new AbortController()
  const long = pause(1_000_000, ending.signal)
  ending.abort()
  await long
  await pause(1_000_000, ending.signal)
})

test('a pause keeps the process alive, unless it is told not to', async () => {
  const ending = new AbortController()
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const quiet = pause(1_000_000, ending.signal, { ref: false })
  expect(timers()).toBe(before)
  const held = pause(1_000_000, ending.signal)
  expect(timers()).toBe(before + 1)
  ending.abort()
  await Promise.all([quiet, held])
})

describe('within', () => {
  test('answers what came in time, whatever it is', async () => {
    expect(await within(1_000_000, Promise.resolve(undefined))).toEqual({ value: undefined })
    expect(await within(1_000_000, Promise.resolve(false))).toEqual({ value: false })
  })

  test('answers undefined when the time is up, and rejects as what it waits for', async () => {
    expect(await within(5, never)).toBeUndefined()
    await expect(within(1_000_000, Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})

describe('persistently', () => {
  test('tries until it succeeds, and tells of each failure', async () => {
    const failures: unknown[] = []
    let attempts = 0
    const attempt = () =>
      ++attempts < 4 ? Promise.reject(new Error(`${attempts}`)) : Promise.resolve('done')
    const { signal } = new AbortController()
    const onFailure = (error: unknown) => void failures.push(error)
    expect(await persistently(attempt, { signal, maxMs: 5, onFailure })).toBe('done')
    expect(failures.map(String)).toEqual(['Error: 1', 'Error: 2', 'Error: 3'])
  })

  test('gives up with the last failure when the signal comes', async () => {
    const ending = new AbortController()
    const attempt = () => Promise.reject(new Error('away'))
    const trying = persistently(attempt, {
      signal: ending.signal,
      maxMs: 1_000_000,
      onFailure: () => ending.abort(),
    })
    await expect(trying).rejects.toThrow('away')
  })
})

test.each([
  ['503 of ours', new HeadwaterError({ code: 'X', status: 503, detail: '' }), true],
  ['429 of ours', new HeadwaterError({ code: 'X', status: 429, detail: '' }), true],
  ['500 of ours', new HeadwaterError({ code: 'X', status: 500, detail: '' }), false],
  ['422 of ours', new HeadwaterError({ code: 'X', status: 422, detail: '' }), false],
  ['a server without a leader', new JetStreamApiError({ code: 503, err_code: 10008, description: '' }), true],
  [
    'a stream that is not there',
    new JetStreamApiError({ code: 404, err_code: 10059, description: '' }),
    false,
  ],
  ['a time-out', new errors.TimeoutError(), true],
  ['a connection that is gone', new errors.ClosedConnectionError(), true],
  ['a bug', new TypeError('x is undefined'), false],
  ['no error at all', undefined, false],
])('whether it is worth another try: %s', (_, error, passes) => {
  expect(isTransient(error)).toBe(passes)
})
