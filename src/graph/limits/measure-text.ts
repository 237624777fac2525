import { GraphQLError, Lexer, Source, TokenKind } from 'graphql/index.js'

export interface TextSize {
  tokens: number
  /** The most brackets that are open at a time. */
  nesting: number
}

const OPENING = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const CLOSING = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** Measures a document without parsing it, up to its first error or to `atMost` tokens. */
export function measureText(text: string, atMost: number): TextSize {
  const lexer = new Lexer(new Source(text))
  let [tokens, open, nesting] = [0, 0, 0]
  while (tokens < atMost) {
    const kind = nextKind(lexer)
    if (kind === undefined || kind === TokenKind.EOF) break
    tokens++
    if (OPENING.has(kind)) nesting = Math.max(nesting, ++open)
    if (CLOSING.has(kind)) open--
  }
  return { tokens, nesting }
}

/** An error of the language is the parser's to report. */
function nextKind(lexer: Lexer): TokenKind | undefined {
  try {
    return lexer.advance().kind
  } catch (error) {
    if (error instanceof GraphQLError) return undefined
    throw error
  }
}
