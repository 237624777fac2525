import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql/index.js'
import { conditionOf, isIncluded } from '../syntax/inclusion.ts'

type Variables = Readonly<Record<string, unknown>>

/** Operations with more than this many are left to the subgraph: what is derived from one is kept for each combination. */
const MOST_CONDITIONS = 4

/** The names of the variables that `@skip` and `@include` depend on; undefined for other directives or too many of these. */
export function conditionVariables(document: DocumentNode): readonly string[] | undefined {
  const names = new Set<string>()
  let isKnown = true
  visit(document, {
    Directive(node) {
      if (node.name.value !== 'skip' && node.name.value !== 'include') isKnown = false
      const value = conditionOf(node)
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  return isKnown && names.size <= MOST_CONDITIONS ? [...names] : undefined
}

/** Which of the conditions hold, as a short text. */
export function combinationOf(names: readonly string[], variables: Variables): string {
  return names.map((name) => (variables[name] === true ? '1' : '0')).join('')
}

/** Answers whether `@skip` and `@include` let a selection in, with these variables. */
export function inclusion(variables: Variables): (node: Pick<FieldNode, 'directives'>) => boolean {
  return (node) => isIncluded(node, (name) => variables[name])
}
