import { type ConstDirectiveNode, valueFromASTUntyped } from 'graphql/index.js'

/** A definition, or a part of one, that can have directives. */
export interface Directed {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

/** Its directives of a name: some may be repeated. */
export function directivesOf({ directives = [] }: Directed, name: string): readonly ConstDirectiveNode[] {
  return directives.filter((directive) => directive.name.value === name)
}

export function directiveOf({ directives }: Directed, name: string): ConstDirectiveNode | undefined {
  return directives?.find((directive) => directive.name.value === name)
}

/** What a directive was given: a text, also for the name of an enum's value, a number … Undefined when it was not. */
export function argumentOf(directive: ConstDirectiveNode | undefined, name: string): unknown {
  const value = directive?.arguments?.find((argument) => argument.name.value === name)?.value
  return value && valueFromASTUntyped(value)
}
