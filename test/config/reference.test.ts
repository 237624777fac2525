import { describe, expect, it } from 'vitest'
import { configEntries, configReference, configSections } from '../../src/runtime/config/reference.ts'

const rows = [...configReference(), ...configEntries().flatMap((entry) => entry.rows)]

describe('docs/configuration.md', () => {
  it('says of every key what it is, what it may be, and how it is called in the environment', () => {
    expect(rows.length).toBeGreaterThan(100)
    const poor = rows.filter(({ type, description }) => type === '' || !description.endsWith('.'))
    expect(poor.map(({ key }) => key)).toEqual([])
    const nameless = configReference().filter(({ env }) => !env.some((name) => name.startsWith('HEADWATER_')))
    expect(nameless.map(({ key }) => key)).toEqual([])
    expect(configSections().filter(({ description }) => description === '')).toEqual([])
  })

  it('says the unit of every time and size, and the default of whatever is limited', () => {
    const units = [
      ['_ms', /milliseconds/],
      ['_hours', /hours/],
      ['_bytes', /bytes/],
      ['body_limit', /bytes/],
    ] as const
    const unitOf = (key: string) => units.find(([ending]) => key.endsWith(ending))?.[1] ?? /./
    const vague = rows.filter(({ key, description }) => !unitOf(key).test(description))
    expect(vague.map(({ key }) => key)).toEqual([])
    const unbounded = configReference().filter(
      ({ key, default: value, description }) =>
        /(_ms|_hours|_bytes|limit|max_.*)$/.test(key) && value === '' && !/unset, \d/.test(description),
    )
    expect(unbounded.map(({ key }) => key)).toEqual([])
  })
})
