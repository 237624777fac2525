import { type DirectiveNode, type ValueNode, Kind } from 'graphql/index.js'

/** Reads a variable; whoever gives it knows then that the answer depends on it. */
export type ReadVariable = (name: string) => unknown

/** Whether `@skip` and `@include` leave a selection in. https://spec.graphql.org/September2025/#sec--skip */
export function isIncluded(
  { directives = [] }: { readonly directives?: readonly DirectiveNode[] | undefined },
  read: ReadVariable,
): boolean {
  return directives.every((directive) => {
    const { value: name } = directive.name
    if (name !== 'skip' && name !== 'include') return true
    const condition = conditionOf(directive)
    const holds =
      condition?.kind === Kind.VARIABLE
        ? read(condition.name.value) === true
        : condition?.kind === Kind.BOOLEAN && condition.value
    return name === 'include' ? holds : !holds
  })
}

/** What `@skip` or `@include` depends on: a variable or a constant. */
export function conditionOf({ arguments: given = [] }: DirectiveNode): ValueNode | undefined {
  return given.find(({ name }) => name.value === 'if')?.value
}
