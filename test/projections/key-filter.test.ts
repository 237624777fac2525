import { expect, it } from 'vitest'
import { KeyFilter } from '../../src/projections/rebuild/key-filter.ts'

const keys = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`)

it('never forgets a key, and takes about one in 200 of the others for one it has', () => {
  const filter = new KeyFilter(80_000)
  expect(keys('in', 1000).filter((key) => filter.has(key))).toEqual([])
  for (const key of keys('in', 80_000)) filter.add(key)
  expect(keys('in', 80_000).filter((key) => !filter.has(key))).toEqual([])
  const lies = keys('out', 20_000).filter((key) => filter.has(key)).length
  expect(lies).toBeLessThan(20_000 / 100)
})

it('goes on being right with more keys than were expected', () => {
  const filter = new KeyFilter(1)
  for (const key of keys('in', 200_000)) filter.add(key)
  expect(keys('in', 200_000).filter((key) => !filter.has(key))).toEqual([])
})
