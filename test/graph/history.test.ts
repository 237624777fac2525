import { describe, expect, it } from 'vitest'
import { createGate } from '../../src/graph/history/gate.ts'
import type { HistoryEvent, HistoryRange } from '../../src/graph/history/history-reader.ts'
import { logHistory } from '../../src/graph/history/history.ts'

const event = (version: number): HistoryEvent => ({
  id: `e-${version}`,
  type: 'order.created',
  data: {},
  aggregate: 'order',
  aggregateId: 'o-1',
  version,
  sequence: version * 10,
  time: '2026-01-01T00:00:00.000Z',
  correlationId: 'x',
  causationId: 'x',
  commandId: 'x',
})

/** A log of so many events; a read that does not say how far it must come gets only what a late replica has. */
function lateReplica(events: number, replica: number) {
  const reads: HistoryRange[] = []
  return {
    reads,
    read: async (_aggregate: string, _id: string, range: HistoryRange = {}) => {
      reads.push(range)
      const { after, limit = Number.POSITIVE_INFINITY, atLeast } = range
      return Array.from({ length: atLeast === undefined ? replica : events }, (_, index) => event(index + 1))
        .filter(({ version }) => version > (after?.version ?? 0))
        .slice(0, limit)
    },
  }
}

const versions = (events: HistoryEvent[]) => events.map(({ version }) => version)

describe('the history of an object', () => {
  it('has no later events than the object, and lacks none', async () => {
    for (const replica of [0, 2, 3, 5]) {
      const history = logHistory(lateReplica(5, replica), 'order', 'o-1').upTo(3)
      expect(versions(await history.all())).toEqual([1, 2, 3])
      expect(versions(await history.page(undefined, 2))).toEqual([1, 2])
      expect(versions(await history.page(event(1), 10))).toEqual([2, 3])
    }
  })

  it('is read once for all that need it, and not again when the replica was not late', async () => {
    const log = lateReplica(5, 5)
    const history = logHistory(log, 'order', 'o-1')
    void history.atHand.all()
    const bound = history.upTo(5)
    await Promise.all([bound.all(), bound.all(), bound.page(undefined, 2), bound.page(event(2), 2)])
    expect(log.reads).toEqual([{ enough: 1 }])
  })

  it('fails for who waits for it, not for who started it early', async () => {
    const failing = { read: () => Promise.reject(new Error('no answer')) }
    const history = logHistory(failing, 'order', 'o-1')
    void history.atHand.all()
    void history.atHand.page(undefined, 1)
    await expect(history.upTo(1).all()).rejects.toThrow('no answer')
  })
})

describe('a gate', () => {
  it('lets so many in at a time, in order, and refuses at once what cannot wait', async () => {
    const gate = createGate(2, 2)
    const started: number[] = []
    const releases: (() => void)[] = []
    const task = (number: number) => () => {
      started.push(number)
      return new Promise<void>((resolve) => releases.push(resolve))
    }
    const running = [1, 2, 3, 4].map((number) => gate.run(task(number)))
    expect(started).toEqual([1, 2])
    await expect(gate.run(task(5))).rejects.toMatchObject({ code: 'OVERLOADED', status: 503 })
    for (const release of releases) release()
    await Promise.all(running.slice(0, 2))
    expect(started).toEqual([1, 2, 3, 4])
    for (const release of releases) release()
    await Promise.all(running)
    const failing = gate.run(() => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await gate.run(async () => 'free again')).toBe('free again')
  })
})
