// What the package exports is a deliberate list: docs/api.md has it, and a change of it shows there.
import { beforeAll, describe, expect, it } from 'vitest'
import { type Export, exportsOf } from '../../scripts/api/exports.ts'
import { type NamedType, namedTypes } from '../../scripts/api/named-types.ts'
import { withProgram } from '../../scripts/program.ts'

/** Named by signatures, and of no use to an author: what types are inferred with, and what only Headwater looks into. */
const INNER: Record<string, string[]> = {
  'what the compiler infers with': [
    'Addressee',
    'Negotiated',
    'NoAnswers',
    'TypesOf',
    'AnyReactor',
    'Evolve',
    'DataFrom',
    'CommandMethods',
    'CommandsOf',
    'Commands',
    'CamelCase',
    'Beginning',
    'AggregateFamily',
    'LiveFamily',
    'AnyAuthorize',
    'ConditionOn',
    'React',
    'Otherwise',
    'Guarded',
    'FeedEvent',
    'Row',
    'Override',
  ],
  'the inside of what a define… function makes': [
    'Consultation',
    'Publication',
    'EntityResolver',
    'EntityRows',
    'Plan',
    'SagaAggregate',
    'SagaRow',
    'EventTypes',
  ],
  'the inside of the context of a request': [
    'ReadPrepared',
    'SealedCursors',
    'ProjectionSource',
    'ProjectionOverview',
    'StartedHistory',
    'Live',
  ],
  'the inside of an option': [
    'Descriptions',
    'ReactorOptions',
    'Compensable',
    'ProjectionBase',
    'GatewayRequest',
  ],
}

let exports: Export[]
let named: NamedType[]

beforeAll(() => {
  withProgram((program) => {
    exports = exportsOf(program)
    named = namedTypes(program, exports)
  })
})

describe('what the package exports', () => {
  it('says what it is', () => {
    expect(exports.length).toBeGreaterThan(120)
    const silent = exports.filter(({ isOwn, documentation }) => isOwn && documentation.trim() === '')
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  it('shows how it is used, where it is a function or an error', () => {
    const callable = exports.filter(({ kind, isOwn }) => isOwn && (kind === 'function' || kind === 'class'))
    expect(callable.length).toBeGreaterThan(30)
    expect(callable.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([])
  })

  it('names only types that are exported too, but for what is listed as inner', () => {
    const inner = new Set(Object.values(INNER).flat())
    expect(named.filter(({ name }) => !inner.has(name))).toEqual([])
    const names = new Set(named.map(({ name }) => name))
    expect([...inner].filter((name) => !names.has(name))).toEqual([])
  })
})
