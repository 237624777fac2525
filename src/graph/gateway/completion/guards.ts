import { type DirectiveNode, Kind } from 'graphql/index.js'
import { conditionOf } from '../../syntax/inclusion.ts'

/** A variable, and what it has to be for a selection to count. */
export interface Guard {
  readonly variable: string
  readonly value: boolean
}

/** All have to hold: none are always met. */
export type Guards = readonly Guard[]

/** `@skip` and `@include` of a selection, with those around it; undefined when it never counts. */
export function guardsOf(
  directives: readonly DirectiveNode[] | undefined,
  around: Guards,
): Guards | undefined {
  if (!directives?.length) return around
  const guards = [...around]
  for (const directive of directives) {
    const { value: name } = directive.name
    const value = name === 'include'
    if (!value && name !== 'skip') continue
    const condition = conditionOf(directive)
    if (condition?.kind === Kind.VARIABLE) guards.push({ variable: condition.name.value, value })
    else if (condition?.kind === Kind.BOOLEAN && condition.value !== value) return undefined
  }
  return guards
}

export function hold(guards: Guards, variables: Readonly<Record<string, unknown>>): boolean {
  return guards.every(({ variable, value }) => (variables[variable] === true) === value)
}
