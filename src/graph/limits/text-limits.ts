import { GraphQLError } from 'graphql/index.js'
import { LimitError } from './limit-error.ts'
import { measureText } from './measure-text.ts'

/**
 * The parser and what comes after it call themselves for each level: some 1,600 of them overflow the stack (graphql-js 16, 984
 * KB), long before 5,000 tokens are read. The most that people write is a tenth of this.
 */
export const MAX_NESTING = 500
/** Longer texts are counted no further: who hears 20 times too many knows enough. */
const COUNTED = 20

/** @throws LimitError QUERY_TOO_DEEP when a text has more brackets in each other than the parser stands */
export function assertParsable(text: string, maxTokens: number): void {
  if (!couldNest(text)) return
  const { nesting } = measureText(text, maxTokens + 1)
  if (nesting <= MAX_NESTING) return
  throw new LimitError('QUERY_TOO_DEEP', {
    message: `The document has ${nesting} brackets in each other; at most ${MAX_NESTING} are read`,
    measured: nesting,
    limit: MAX_NESTING,
  })
}

/** Spares nearly every text the lexer: brackets in strings and comments count here as well. */
function couldNest(text: string): boolean {
  if (text.length <= MAX_NESTING) return false
  let opening = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === 123 || character === 91 || character === 40) opening++
  }
  return opening > MAX_NESTING
}

/** graphql-js' refusal of a document that has too many tokens, with how many; any other error as it is. */
export function withTokens(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || !error.source) return error
  const limit = Number(/^Syntax Error: Document contains more that (\d+) tokens/.exec(error.message)?.[1])
  if (Number.isNaN(limit)) return error
  const most = limit * COUNTED
  const { tokens } = measureText(error.source.body, most)
  return new LimitError('QUERY_TOO_LARGE', {
    message: `The document has ${tokens < most ? tokens : `${most} or more`} tokens; at most ${limit} are read`,
    measured: tokens,
    limit,
  })
}
