import * as fc from 'fast-check'
import { type SelectionNode, type SelectionSetNode, Kind, parse } from 'graphql/index.js'
import { expect, it } from 'vitest'
import { type Fragments, fragmentsOf } from '../../src/graph/syntax/fragments.ts'
import { type OperationSize, measureSelections } from '../../src/graph/limits/measure-operation.ts'
import { randomDocument } from './random-document.ts'
import { operationIn } from './operations.ts'

/** The same, by opening every fragment wherever it is used. */
function opened({ selections }: SelectionSetNode, fragments: Fragments): OperationSize {
  const size = { levels: 0, nesting: 0, fields: 0, aliases: 0, introspection: 0 }
  for (const selection of selections) {
    const set = setOf(selection, fragments)
    const within = set
      ? opened(set, fragments)
      : { levels: 0, nesting: 0, fields: 0, aliases: 0, introspection: 0 }
    const isField = selection.kind === Kind.FIELD
    const name = isField ? selection.name.value : ''
    const level = isField ? (name.startsWith('__') ? 0 : 1 + within.levels) : within.levels
    size.levels = Math.max(size.levels, level)
    size.nesting = Math.max(size.nesting, 1 + within.nesting)
    size.fields += within.fields + (isField ? 1 : 0)
    size.aliases += within.aliases + (isField && selection.alias ? 1 : 0)
    size.introspection += within.introspection + (name === '__schema' ? 1 : 0)
  }
  return size
}

const setOf = (selection: SelectionNode, fragments: Fragments) =>
  selection.kind === Kind.FRAGMENT_SPREAD
    ? fragments.get(selection.name.value)?.selectionSet
    : selection.selectionSet

it('measures as if every fragment were opened wherever it is used', () => {
  fc.assert(
    fc.property(randomDocument, (text) => {
      const document = parse(text)
      const fragments = fragmentsOf(document)
      const { selectionSet } = operationIn(document)
      expect(measureSelections(selectionSet, fragments, new Map())).toEqual(opened(selectionSet, fragments))
    }),
    { numRuns: 300 },
  )
})
