import type { Node } from 'typescript/unstable/ast'
import {
  isCallExpression,
  isConditionalExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
  isTemplateExpression,
} from 'typescript/unstable/ast/is'
import type { Checker, Type } from 'typescript/unstable/sync'

/** The texts that a type allows; undefined when it allows any. */
export function textsOfType(type: Type | undefined): string[] | undefined {
  if (!type) return undefined
  if (type.isStringLiteralType()) return [type.value]
  return type.isUnionType() ? all(type.getTypes().map(textsOfType)) : undefined
}

/** The whole numbers that a type allows; undefined when it allows any. */
export function numberOfType(type: Type | undefined): number | undefined {
  return type?.isNumberLiteralType() ? type.value : undefined
}

/** The texts that an expression can be, as far as types tell: also of `X_${kind}` and `X_${kind.toUpperCase()}`. */
export function textsOf(checker: Checker, node: Node): string[] | undefined {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return [node.text]
  if (isConditionalExpression(node)) {
    return all([textsOf(checker, node.whenTrue), textsOf(checker, node.whenFalse)])
  }
  if (isTemplateExpression(node)) {
    return node.templateSpans.reduce<string[] | undefined>(
      (heads, { expression, literal }) => {
        const here = textsOf(checker, expression)
        return here && heads?.flatMap((head) => here.map((text) => head + text + literal.text))
      },
      [node.head.text],
    )
  }
  if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression
    if (name.text === 'toUpperCase') return textsOf(checker, expression)?.map((text) => text.toUpperCase())
  }
  return textsOfType(checker.getTypeAtLocation(node))
}

function all(parts: readonly (string[] | undefined)[]): string[] | undefined {
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? [])
}
