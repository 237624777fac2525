import type { Node } from 'typescript/unstable/ast'
import {
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isStringLiteral,
  isTemplateExpression,
} from 'typescript/unstable/ast/is'
import type { FoundCode } from './read-codes.ts'

/** A code that a shipped domain refuses with. */
export interface DomainCode {
  readonly domain: string
  readonly code: string
  readonly status: number | undefined
  /** Its sentence; what differs from case to case stands as `<id>`. */
  readonly detail: string
}

/** The codes of the shipped domains, one after another as their sources have them, each once. */
export function domainCodes(found: readonly FoundCode[]): DomainCode[] {
  const own = found.flatMap(({ file, code, status, detail }) => {
    const [room, domain] = file.split('/')
    if (room !== 'domains' || domain === undefined) return []
    return [{ domain, code, status, detail: detail ? sentence(detail) : '' }]
  })
  const once = new Map(own.map((one) => [`${one.domain} ${one.code}`, one]))
  return [...once.values()].toSorted((a, b) => a.domain.localeCompare(b.domain))
}

function sentence(node: Node): string {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text
  if (!isTemplateExpression(node)) return ''
  const spans = node.templateSpans.map(({ expression, literal }) => `<${nameOf(expression)}>${literal.text}`)
  return node.head.text + spans.join('')
}

const nameOf = (node: Node) => (isIdentifier(node) ? node.text : '…')
