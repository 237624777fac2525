import { expect, it } from 'vitest'
import { type Tree, copyOfTree, merge } from '../../src/graph/gateway/execution/tree.ts'

/** A `Person` is a `Node`, and nothing else is anything. */
const types = {
  fits: (condition: string, name: string) =>
    condition === name || (condition === 'Node' && name === 'Person'),
}

it.each<[string, Tree, Tree, Tree]>([
  ['a field that was not there', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  ['a null takes nothing away', { a: 1 }, { a: null }, { a: 1 }],
  ['what was null is known now', { a: null }, { a: 1 }, { a: 1 }],
  ['of a value that both know the later counts', { a: 1 }, { a: 2 }, { a: 2 }],
  ['objects are put together', { a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
  [
    'lists are put together by place',
    { a: [{ b: 1 }, null] },
    { a: [{ c: 2 }, { c: 3 }] },
    { a: [{ b: 1, c: 2 }, { c: 3 }] },
  ],
  ['a null in a list takes nothing away', { a: [{ b: 1 }, 2] }, { a: [null, null] }, { a: [{ b: 1 }, 2] }],
  ['of lists of different lengths the later counts', { a: [1] }, { a: [1, 2] }, { a: [1, 2] }],
  ['a list in the place of an object counts as it came', { a: { b: 1 } }, { a: [1] }, { a: [1] }],
  [
    'a type that says more corrects the first',
    { __typename: 'Node' },
    { __typename: 'Person' },
    { __typename: 'Person' },
  ],
  [
    'a type that says less does not',
    { __typename: 'Person' },
    { __typename: 'Node' },
    { __typename: 'Person' },
  ],
])('%s', (_, target, source, expected) => {
  merge(target, source, types)
  expect(target).toEqual(expected)
})

it('what a subgraph says of __proto__ reaches no other object', () => {
  const target: Tree = {}
  merge(target, JSON.parse('{ "__proto__": { "stolen": true }, "a": 1 }'), types)
  expect(Object.keys(target)).toEqual(['a'])
  expect('stolen' in {}).toBe(false)
})

it('a copy has nothing in common with the first', () => {
  const tree: Tree = { a: [{ b: 1 }], c: { d: null } }
  const copy = copyOfTree(tree)
  expect(copy).toEqual(tree)
  merge(copy, { a: [{ e: 2 }], c: { d: 3 } }, types)
  expect(tree).toEqual({ a: [{ b: 1 }], c: { d: null } })
})
