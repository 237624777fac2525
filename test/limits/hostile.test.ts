import { buildSchema } from 'graphql/index.js'
import { expect, it } from 'vitest'
import { admit } from '../../src/graph/http/admit.ts'
import { createLimits } from '../../src/graph/limits/create-limits.ts'
import { LIMITS } from '../../src/graph/limits/settings.ts'
import { workedMs } from '../support/worked.ts'

const schema = buildSchema(`
  scalar Any
  type Query { a(x: Int): Query  id: ID  any(v: Any): ID  list(first: Int): [Query!] }
`)

const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ')
const fragments = (count: number, inner: (index: number) => string) =>
  times(count, (n) => `fragment f${n} on Query { ${inner(n)} }`)

/** What a document of each kind takes while it is let through is a few milliseconds; this leaves room for a loaded machine. */
const WITHIN_MS = 2000

it.each<[string, string, string]>([
  ['2,400 levels', `{ ${'a{'.repeat(2400)} id ${'}'.repeat(2400)} }`, 'QUERY_TOO_DEEP'],
  ['200,000 levels', `{ ${'a{'.repeat(200_000)} id ${'}'.repeat(200_000)} }`, 'QUERY_TOO_DEEP'],
  ['lists in lists', `{ any(v: ${'['.repeat(2400)}${']'.repeat(2400)}) }`, 'QUERY_TOO_DEEP'],
  ['fragments in each other, in place', `{ ${'...{'.repeat(600)} id ${'}'.repeat(600)} }`, 'QUERY_TOO_DEEP'],
  [
    'a chain of fragments',
    `{ ...f0 } ${fragments(600, (n) => (n < 599 ? `...f${n + 1}` : 'id'))}`,
    'QUERY_TOO_DEEP',
  ],
  ['a fragment that uses itself', '{ ...f0 } fragment f0 on Query { ...f0 }', 'QUERY_TOO_DEEP'],
  [
    'a circle of fragments',
    `{ ...f0 } ${fragments(400, (n) => `a { ...f${(n + 1) % 400} }`)}`,
    'QUERY_TOO_DEEP',
  ],
  ['a circle that nobody uses', `{ id } ${fragments(500, (n) => `...f${(n + 1) % 500}`)}`, 'QUERY_TOO_DEEP'],
  [
    'fragments that use the next one twice',
    `{ ...f0 } ${fragments(300, (n) => (n < 299 ? `...f${n + 1} ...f${n + 1}` : 'id'))}`,
    'QUERY_TOO_LARGE',
  ],
  [
    'fragments that use all that follow',
    `{ ...f0 } ${fragments(60, (n) => `id ${times(59 - n, (m) => `...f${n + m + 1}`)}`)}`,
    'QUERY_TOO_LARGE',
  ],
  ['one field 4,990 times', `{ ${'id '.repeat(4990)} }`, 'QUERY_TOO_LARGE'],
  ['one field many times in fields', `{ ${`a { ${'id '.repeat(66)} } `.repeat(70)} }`, 'QUERY_TOO_LARGE'],
  ['one argument many times', `{ ${'any(v: 1) '.repeat(800)} }`, 'QUERY_TOO_LARGE'],
  ['what is not used', `{ id } fragment f on Query { ${'id '.repeat(4900)} }`, 'QUERY_TOO_LARGE'],
  [
    'what a second fragment of the name hides',
    `{ ...f } fragment f on Query { ${'id '.repeat(4900)} } fragment f on Query { id }`,
    'QUERY_TOO_LARGE',
  ],
  [
    'many operations with one large fragment',
    `${times(600, (n) => `query q${n} { ...f }`)} fragment f on Query { ${'a { id } '.repeat(100)} }`,
    'QUERY_TOO_LARGE',
  ],
  ['10,000 spreads', `{ ${'...f '.repeat(10_000)} } fragment f on Query { id }`, 'QUERY_TOO_LARGE'],
  ['a million tokens', `{ ${'id '.repeat(1_000_000)} }`, 'QUERY_TOO_LARGE'],
  ['aliases', `{ ${times(101, (n) => `x${n}: id`)} }`, 'TOO_MANY_ALIASES'],
  [
    'aliases in a fragment',
    `{ a { ...f } } fragment f on Query { ${times(101, (n) => `x${n}: id`)} }`,
    'TOO_MANY_ALIASES',
  ],
])('a hostile document is refused at once: %s', (_, query, code) => {
  const started = workedMs()
  const answer = admit(createLimits(LIMITS), schema, { query })
  expect(workedMs() - started).toBeLessThan(WITHIN_MS)
  expect(answer).toMatchObject([{ extensions: { code, status: 400 } }])
})

it.each<[string, string]>([
  [
    'fragments compared with each other',
    `{ ${times(400, (n) => `...f${n}`)} } ${fragments(400, () => '...g')} fragment g on Query { id }`,
  ],
  ['fields with long arguments', `{ ${`a(x: 1) { any(v: [${'1 '.repeat(20)}]) } `.repeat(99)} }`],
  ['deep ones many times', `{ ${`${'a {'.repeat(10)} id ${'}'.repeat(10)} `.repeat(40)} }`],
])('what is just let through does not hold the process up either: %s', (_, query) => {
  const started = workedMs()
  expect(admit(createLimits(LIMITS), schema, { query })).toHaveProperty('operation')
  expect(workedMs() - started).toBeLessThan(WITHIN_MS)
})

it.each<[unknown, string]>([
  [2 ** 31, 'BAD'],
  [2 ** 31 - 1, 'QUERY_TOO_COSTLY'],
  [1e300, 'BAD'],
  [-(2 ** 31), 'OK'],
  [null, 'OK'],
  [[5], 'BAD'],
])('a page of %j is no way past the cost', (n, expected) => {
  const query = 'query ($n: Int) { list(first: $n) { list(first: $n) { list(first: $n) { id } } } }'
  const answer = admit(createLimits(LIMITS), schema, { query, variables: { n } })
  const code = 'schema' in answer ? 'OK' : (answer[0]?.extensions['code'] ?? 'BAD')
  expect(code).toBe(expected)
})
