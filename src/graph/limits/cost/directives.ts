import type { ConstDirectiveNode } from 'graphql/index.js'
import { type Directed, argumentOf, directiveOf } from '../../syntax/directives.ts'

interface Annotated {
  readonly astNode?: Directed | null | undefined
}

/** `@listSize` of the cost specification: how long a list is, or the lists of a connection. */
export interface ListSize {
  assumedSize: number | undefined
  slicingArguments: string[]
  sizedFields: string[]
  requireOneSlicingArgument: boolean
}

/**
 * What `@cost(weight:)` on a field, an argument or a type says. https://ibm.github.io/graphql-specs/cost-spec.html, as
 * https://specs.apollo.dev/federation/v2.9 has it; a weight below 0 would let what is beside it cost less.
 */
export function weightOf(element: Annotated): number | undefined {
  const weight = argumentOf(costDirective(element, 'cost'), 'weight')
  const number = typeof weight === 'string' ? Number(weight) : weight
  return typeof number === 'number' && number >= 0 ? number : undefined
}

export function listSizeOf(element: Annotated): ListSize | undefined {
  const directive = costDirective(element, 'listSize')
  if (!directive) return undefined
  const assumed = argumentOf(directive, 'assumedSize')
  return {
    assumedSize: typeof assumed === 'number' ? assumed : undefined,
    slicingArguments: textsOf(argumentOf(directive, 'slicingArguments')),
    sizedFields: textsOf(argumentOf(directive, 'sizedFields')),
    requireOneSlicingArgument: argumentOf(directive, 'requireOneSlicingArgument') !== false,
  }
}

/** Under its own name or, not imported, under the specification's. */
function costDirective({ astNode }: Annotated, name: string): ConstDirectiveNode | undefined {
  if (!astNode) return undefined
  return directiveOf(astNode, name) ?? directiveOf(astNode, `federation__${name}`)
}

const textsOf = (value: unknown): string[] =>
  [value].flat().filter((one): one is string => typeof one === 'string')
