import { expect, it } from 'vitest'
import type { LimitSettings } from '../../src/graph/limits/settings.ts'
import { serve } from './serving.ts'

const representations = (count: number) =>
  Array.from({ length: count }, () => ({ __typename: 'Row', id: '1' }))

/** The settings, what just passes, what just does not, and what is said of that. */
const CASES: [Partial<LimitSettings>, object, object, { code: string; measured: number; limit: number }][] = [
  [
    { depth: 3 },
    { query: '{ row { parent { id } } }' },
    { query: '{ row { parent { parent { id } } } }' },
    { code: 'QUERY_TOO_DEEP', measured: 4, limit: 3 },
  ],
  [
    { cost: 10 },
    { query: '{ rows(first: 9) { nodes { id } } }' },
    { query: 'query ($n: Int) { rows(first: $n) { nodes { id } } }', variables: { n: 10 } },
    { code: 'QUERY_TOO_COSTLY', measured: 11, limit: 10 },
  ],
  [
    { cost: 20 },
    { query: '{ rows(first: 19) { nodes { id } } }' },
    { query: '{ row { statusHistory { id } } }' },
    { code: 'QUERY_TOO_COSTLY', measured: 21, limit: 20 },
  ],
  [
    { tokens: 20 },
    { query: `{ ${'hello '.repeat(18)} }` },
    { query: `{ ${'hello '.repeat(30)} }` },
    { code: 'QUERY_TOO_LARGE', measured: 32, limit: 20 },
  ],
  [
    { aliases: 2 },
    { query: '{ a: hello b: hello hello }' },
    { query: '{ ...all row { c: id } } fragment all on Query { a: hello b: hello }' },
    { code: 'TOO_MANY_ALIASES', measured: 3, limit: 2 },
  ],
  [
    { representations: 3 },
    {
      query: query('_entities(representations: $all) { __typename }'),
      variables: { all: representations(3) },
    },
    {
      query: query(
        '...two } fragment two on Query { a: _entities(representations: $all) { __typename } _entities(representations: [{}, {}]) { __typename }',
      ),
      variables: { all: representations(2) },
    },
    { code: 'TOO_MANY_REPRESENTATIONS', measured: 4, limit: 3 },
  ],
  [
    { introspection: false },
    { query: '{ __typename }' },
    {
      query:
        '{ __schema { queryType { name } } ...type } fragment type on Query { __type(name: "Row") { name } }',
    },
    { code: 'INTROSPECTION_DISABLED', measured: 2, limit: 0 },
  ],
]

function query(selections: string): string {
  return `query ($all: [_Any!]!) { ${selections} }`
}

it.each(CASES)(
  '%j: what is within is run, what is past it a 400 that says how far',
  async (limits, within, past, said) => {
    const { post } = await serve(limits)
    // Not compiled, compiled just now, compiled before.
    for (let run = 0; run < 3; run++) {
      for (const accept of ['application/graphql-response+json', 'application/json']) {
        expect(await post(within, accept)).toMatchObject({ status: 200, extensions: undefined })
        const { status, data, extensions } = await post(past, accept)
        expect({ status, data, extensions }).toEqual({
          status: 400,
          data: undefined,
          extensions: { ...said, status: 400 },
        })
      }
    }
  },
)

it('a GET is refused alike', async () => {
  const { get } = await serve({ depth: 1, tokens: 10 })
  expect(await get({ query: '{ row { id } }' }, 'application/json')).toMatchObject({
    status: 400,
    extensions: { code: 'QUERY_TOO_DEEP', measured: 2, limit: 1 },
  })
  expect(await get({ query: `{ ${'hello '.repeat(10)} }` }, 'application/json')).toMatchObject({
    status: 400,
    extensions: { code: 'QUERY_TOO_LARGE', measured: 12, limit: 10 },
  })
})

it('a text too deep for the parser is no internal error', async () => {
  const { post } = await serve()
  const deep = (levels: number) => ({ query: `{ ${'row{'.repeat(levels)} id ${'}'.repeat(levels)} }` })
  expect(await post(deep(2400))).toMatchObject({
    status: 400,
    extensions: { code: 'QUERY_TOO_DEEP', measured: 2401, limit: 500 },
  })
  expect(await post(deep(450))).toMatchObject({
    status: 400,
    extensions: { code: 'QUERY_TOO_DEEP', measured: 451, limit: 12 },
  })
  expect(await post({ query: `{ hello } # ${'{'.repeat(3000)}` })).toMatchObject({ status: 200 })
})

it('without introspection no name of the schema is proposed either', async () => {
  const [open, closed] = [await serve(), await serve({ introspection: false })]
  for (const parameters of [
    { query: '{ helo }' },
    { query: '{ rows(frst: 1) { nodes { id } } }' },
    { query: '{ row { ... on Ro { id } } }' },
  ]) {
    expect((await open.post(parameters)).message).toContain('Did you mean')
    const { message, extensions } = await closed.post(parameters)
    expect(message).not.toContain('Did you mean')
    expect(extensions).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
  }
})

it('an empty operation name is none, and no way past the limits', async () => {
  const { post } = await serve({ cost: 10 })
  const costly = { query: '{ rows(first: 100) { nodes { id } } }' }
  for (const parameters of [
    costly,
    { ...costly, operationName: '' },
    { ...costly, operationName: '' },
    costly,
  ])
    expect(await post(parameters)).toMatchObject({ status: 400, extensions: { code: 'QUERY_TOO_COSTLY' } })
  expect(await post({ query: '{ hello }', operationName: '' })).toMatchObject({ data: { hello: 'world' } })
})

it('variables may be deeper than recursion goes', async () => {
  const { post, url } = await serve()
  const text = query('_entities(representations: $all) { __typename }')
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const data = { _entities: [null] }
  expect(await post({ query: text, variables: { all: JSON.parse(deep(3000)) } })).toMatchObject({ data })
  const got = await fetch(`${url}?query=${encodeURIComponent(text)}&variables={"all":${deep(6500)}}`)
  expect({ status: got.status, body: await got.json() }).toEqual({ status: 200, body: { data } })
})
