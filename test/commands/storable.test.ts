import { describe, expect, test } from 'vitest'
import { isFinal } from '../../src/commands/is-final.ts'
import { isJson } from '../../src/commands/is-json.ts'
import { unstorableTexts } from '../../src/commands/endpoint/unstorable-text.ts'

describe('what JSON carries without loss', () => {
  test.each([null, undefined, '', 'a', true, false, 0, -1.5, [], [1, [null]], {}, { a: { b: undefined } }])(
    '%o',
    (value) => expect(isJson(value)).toBe(true),
  )
  test('an object without a prototype', () => expect(isJson(Object.create(null))).toBe(true))
})

describe('what it does not carry', () => {
  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    Symbol('s'),
    () => 1,
    new Date(),
    new Map(),
    [undefined],
    [1n],
    { a: { b: new Set() } },
  ])('%o', (value) => expect(isJson(value)).toBe(false))
})

describe('texts that cannot be stored', () => {
  const look = (json: string) => unstorableTexts(json, JSON.parse(json))

  test('are told by their path', () => {
    expect(look(String.raw`{"a":{"b":["ok","\u0000"]},"c":"\ud800x"}`)).toEqual([
      { path: 'a.b.1', message: 'holds a character that cannot be stored' },
      { path: 'c', message: 'holds a character that cannot be stored' },
    ])
    expect(look(String.raw`"\u0000"`)).toEqual([
      { path: '', message: 'holds a character that cannot be stored' },
    ])
  })

  test('are looked for as deep as a body can be', () => {
    const deep = 200_000
    const [found] = look(`${'['.repeat(deep)}${String.raw`"\u0000"`}${']'.repeat(deep)}`)
    expect(found?.path).toMatch(/^0(\.0)+$/)
    expect(found?.path.length).toBeLessThan(300)
  })

  test('are looked for no longer than anybody wants to read', () => {
    const many = look(`[${Array.from({ length: 5000 }, () => String.raw`"\u0000"`).join()}]`)
    expect(many).toHaveLength(51)
    expect(many.slice(0, 2).map(({ path }) => path)).toEqual(['0', '1'])
  })

  test('are found in names, whose values are then not looked at', () => {
    expect(look(String.raw`{"a":{"\u0000":"\u0000"}}`)).toEqual([
      { path: 'a', message: 'has a property whose name cannot be stored' },
    ])
  })

  test.each([String.raw`"\ud83d\ude00"`, String.raw`"\\u0000"`, '{"a":null,"b":1}', String.raw`"\u00e9"`])(
    'are none in %s',
    (json) => expect(look(json)).toEqual([]),
  )
})

test.each([
  [399, false],
  [400, true],
  [422, true],
  [429, false],
  [499, true],
  [500, false],
  [503, false],
])('a refusal with %i is final: %s', (status, final) => expect(isFinal(status)).toBe(final))
