import * as fc from 'fast-check'

/** Fields that a schema may or may not have where they stand. */
const FIELDS = ['id', 'one', 'list', 'page', 'nodes', 'edges', 'history', 'node', '__typename', '__schema']
const FRAGMENTS = 4
const TYPES = ['Query', 'Node', 'Thing', 'Other']

const argument = fc.constantFrom(
  '',
  '(first: 2)',
  '(first: 0)',
  '(last: 4, first: 1)',
  '(first: $n)',
  '(first: null)',
)
const directive = fc.constantFrom('', '', '', ' @skip(if: $yes)', ' @include(if: $yes)', ' @skip(if: true)')
const alias = fc.constantFrom('', '', 'a: ', 'b: ')

/** Selections in which fragments from `from` on are used: those after one's own, so that none leads to itself. */
const selections = (depth: number, from: number): fc.Arbitrary<string> =>
  fc.array(selection(depth, from), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '))

function selection(depth: number, from: number): fc.Arbitrary<string> {
  const field = fc
    .tuple(alias, fc.constantFrom(...FIELDS), argument, directive)
    .map(([alias, name, argument, directive]) => `${alias}${name}${argument}${directive}`)
  const names = Array.from({ length: FRAGMENTS - from }, (_, index) => `...f${from + index}`)
  const spreads = names.map((name) => directive.map((on) => `${name}${on}`))
  const leaves = [field, ...spreads]
  if (depth === 0) return fc.oneof(...leaves)
  const within = fc.tuple(field, selections(depth - 1, from)).map(([field, inner]) => `${field} { ${inner} }`)
  const inline = fc
    .tuple(fc.constantFrom(...TYPES), directive, selections(depth - 1, from))
    .map(([type, directive, inner]) => `... on ${type}${directive} { ${inner} }`)
  return fc.oneof(...leaves, within, within, inline)
}

/** A document of one operation and fragments, not valid for any schema in particular. */
export const randomDocument = fc
  .tuple(
    selections(3, 0),
    ...Array.from({ length: FRAGMENTS }, (_, index) =>
      fc
        .tuple(fc.constantFrom(...TYPES), selections(2, index + 1))
        .map(([type, inner]) => `fragment f${index} on ${type} { ${inner} }`),
    ),
  )
  .map(([root, ...fragments]) => [`query ($n: Int, $yes: Boolean!) { ${root} }`, ...fragments].join('\n'))
