import { type DirectiveNode, type SelectionNode, Kind } from 'graphql/index.js'
import type { ReadVariable } from './argument-size.ts'

/** Whether `@skip` or `@include` takes a selection out. https://spec.graphql.org/September2025/#sec--skip */
export function isSkipped({ directives = [] }: SelectionNode, read: ReadVariable): boolean {
  return directives.some(
    (directive) =>
      (directive.name.value === 'skip' && conditionOf(directive, read) === true) ||
      (directive.name.value === 'include' && conditionOf(directive, read) === false),
  )
}

function conditionOf({ arguments: given }: DirectiveNode, read: ReadVariable): unknown {
  const value = given?.find(({ name }) => name.value === 'if')?.value
  if (value?.kind === Kind.VARIABLE) return read(value.name.value)
  return value?.kind === Kind.BOOLEAN ? value.value : undefined
}
