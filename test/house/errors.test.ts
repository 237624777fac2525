import { beforeAll, describe, expect, it } from 'vitest'
import { catalogue } from '../../scripts/errors/catalogue.ts'
import { type FoundCode, readCodes, readMentions } from '../../scripts/errors/read-codes.ts'
import { withProgram } from '../../scripts/program.ts'
import { configReference } from '../../src/runtime/config/reference.ts'

/** Texts of the sources that look like codes and are none: environment variables, files, codes of what Headwater uses. */
const NO_CODES = [
  /^(HEADWATER_CONFIG|NATS_URL|DATABASE_URL|NODE_ENV|NO_COLOR)$/,
  /^PG_VERSION$/,
  /^(FST|MER)_ERR_/,
  /^ER_/,
]

let kernel: FoundCode[]
let mentions: { text: string; file: string }[]

beforeAll(() => {
  withProgram((program) => {
    const isKernel = ({ file }: { file: string }) => !file.startsWith('domains/')
    kernel = readCodes(program).filter(isKernel)
    mentions = readMentions(program).filter(isKernel)
  })
})

const entries = catalogue.flatMap(({ errors }) => Object.entries(errors))
const known = new Map(entries)

describe('the catalogue of errors', () => {
  it('has each code once', () => {
    expect(entries.map(([code]) => code)).toHaveLength(known.size)
  })

  it('has every code that the sources give to an error', () => {
    expect(kernel.length).toBeGreaterThan(150)
    expect(kernel.filter(({ code }) => !known.has(code)).map(at)).toEqual([])
    const strange = mentions.filter(
      ({ text }) => !known.has(text) && !NO_CODES.some((pattern) => pattern.test(text)),
    )
    expect(strange).toEqual([])
  })

  it('has no code that is never given', () => {
    const given = new Set([...kernel.map(({ code }) => code), ...mentions.map(({ text }) => text)])
    expect([...known.keys()].filter((code) => !given.has(code))).toEqual([])
  })

  it('has the status that each is given with', () => {
    const said = kernel.filter(({ status }) => status !== undefined)
    expect(said.length).toBeGreaterThan(100)
    expect(said.filter(({ code, status }) => known.get(code)?.status !== status).map(at)).toEqual([])
  })

  it('says when, and what to do, in sentences', () => {
    const poor = entries.filter(
      ([, { when, remedy, where }]) =>
        where.length === 0 || ![when, remedy].every((text) => /^[A-Z`0-9].*\.$/.test(text)),
    )
    expect(poor).toEqual([])
  })

  it('names configuration keys that there are', () => {
    const keys = new Set(configReference().map(({ key }) => key))
    const named = entries.flatMap(([, { when, remedy }]) =>
      Array.from(`${when} ${remedy}`.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)(?: = [^`]*)?`/g), ([, key]) => key),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((key) => !keys.has(key ?? ''))).toEqual([])
  })
})

const at = ({ code, status, file }: FoundCode) => `${code} ${status ?? ''} ${file}`
