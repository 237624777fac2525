import { describe, expect, it } from 'vitest'
import { BatchEventError } from '../../src/projections/batch/fold-batch.ts'
import { BatchCommitError } from '../../src/projections/batch/decode-batch.ts'
import { CheckpointConflictError, EventFailedError } from '../../src/projections/errors.ts'
import { type Pass, PoisonError } from '../../src/projections/runner/apply-batch.ts'
import { applyPatiently } from '../../src/projections/runner/apply-patiently.ts'
import { applyIsolating } from '../../src/projections/runner/isolate.ts'
import type { Commit } from '../../src/streams/events/commit.ts'

const commits = (...sequences: number[]): Commit[] =>
  sequences.map((sequence) => ({
    position: { stream: 'BANK', sequence },
    aggregate: 'account',
    id: 'a',
    events: [],
    recordedAt: 0,
    previous: 0,
    size: 1,
  }))

const refused = Object.assign(new Error('value too long'), { code: '22001' })
const cut = Object.assign(new Error('terminated'), { code: '57P01' })

/** Notes each attempt as `<sequences> <attempt> <how>`, and fails where it is told to. */
function noting(failing: (part: readonly number[], pass: Pass) => unknown) {
  const passes: string[] = []
  return {
    passes,
    apply: async (part: Commit[], pass: Pass) => {
      const sequences = part.map(({ position }) => position.sequence)
      const how = [pass.oneByOne && 'one by one', pass.park && 'park', 'refused' in pass && 'refused']
      passes.push([sequences.join(','), pass.attempt, ...how.filter(Boolean)].join(' '))
      const failure = failing(sequences, pass)
      if (failure !== undefined) throw failure
    },
  }
}

const { signal } = new AbortController()

describe('a batch whose poison is parked', () => {
  it('is applied once when nothing fails', async () => {
    const { passes, apply } = noting(() => undefined)
    await applyPatiently(commits(1, 2), { attempts: 3, apply, signal })
    expect(passes).toEqual(['1,2 1'])
  })

  it('is tried as a whole as often as it may be, and parked with the last attempt', async () => {
    const { passes, apply } = noting((_, { park }) => (park ? undefined : new PoisonError(1)))
    await applyPatiently(commits(1, 2), { attempts: 3, apply, signal })
    expect(passes).toEqual(['1,2 1', '1,2 2', '1,2 3 park'])
  })

  it('is tried event by event when a statement over many is refused', async () => {
    for (const failure of [refused, new BatchEventError(0, 'why')]) {
      const { passes, apply } = noting((_, { oneByOne }) => (oneByOne ? undefined : failure))
      await applyPatiently(commits(1, 2), { attempts: 1, apply, signal })
      expect(passes).toEqual(['1,2 1 park', '1,2 2 one by one park'])
    }
  })

  it('is tried commit by commit when the COMMIT is refused, and that one is parked whole', async () => {
    const { passes, apply } = noting((part, pass) =>
      part.includes(2) && !('refused' in pass) ? refused : undefined,
    )
    await applyPatiently(commits(1, 2), { attempts: 2, apply, signal })
    expect(passes).toEqual([
      '1,2 1',
      '1,2 2 one by one park',
      '1 1',
      '2 1',
      '2 2 one by one park',
      '2 3 one by one park refused',
    ])
  })

  it('throws what says nothing about an event, and what is refused even so', async () => {
    const conflict = new CheckpointConflictError('account', [])
    for (const failure of [cut, conflict]) {
      const { passes, apply } = noting(() => failure)
      await expect(applyPatiently(commits(1), { attempts: 3, apply, signal })).rejects.toBe(failure)
      expect(passes).toHaveLength(1)
    }
    const { passes, apply } = noting(() => refused)
    await expect(applyPatiently(commits(1), { attempts: 1, apply, signal })).rejects.toBe(refused)
    expect(passes).toEqual(['1 1 park', '1 2 one by one park', '1 3 one by one park refused'])
  })

  it('is given up with the signal', async () => {
    const stopping = new AbortController()
    const { passes, apply } = noting(() => new PoisonError(1))
    const applied = applyPatiently(commits(1), { attempts: 100, apply, signal: stopping.signal })
    stopping.abort(new Error('stopped'))
    await expect(applied).rejects.toThrow('stopped')
    expect(passes).toHaveLength(1)
  })
})

describe('a batch that halts', () => {
  const isolating = async (failing: (part: readonly number[]) => unknown) => {
    const parts: string[] = []
    const applied = applyIsolating('account', commits(1, 2, 3), async (part) => {
      const sequences = part.map(({ position }) => position.sequence)
      parts.push(sequences.join(','))
      const failure = failing(sequences)
      if (failure !== undefined) throw failure
    })
    return { parts, failure: await applied.then(() => undefined).catch((error: unknown) => error) }
  }
  const bad = new EventFailedError('account', { stream: 'BANK', sequence: 2 }, 'why')

  it('applies what is before the commit that fails', async () => {
    const second = await isolating((part) => (part.length > 1 ? new BatchCommitError(1, bad) : undefined))
    expect(second).toEqual({ parts: ['1,2,3', '1'], failure: bad })
    const first = await isolating(() => new BatchCommitError(0, bad))
    expect(first).toEqual({ parts: ['1,2,3'], failure: bad })
  })

  it('finds by itself which one a statement over many was refused for', async () => {
    const { parts, failure } = await isolating((part) => (part.includes(2) ? refused : undefined))
    expect(parts).toEqual(['1,2,3', '1', '2'])
    expect(failure).toMatchObject({ code: 'PROJECTION_EVENT_FAILED', position: { sequence: 2 } })
  })

  it('tries nothing again for what says nothing about a commit', async () => {
    for (const failure of [cut, new CheckpointConflictError('account', [])])
      expect(await isolating(() => failure)).toEqual({ parts: ['1,2,3'], failure })
  })
})
