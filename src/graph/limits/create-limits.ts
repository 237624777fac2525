import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, ValidationRule } from 'graphql/index.js'
import { createCostLimit } from './cost/cost-limit.ts'
import { documentRule } from './document-rule.ts'
import { type DocumentReference, createPersistedQueries } from './persisted-queries.ts'
import { assertRepresentations } from './representations.ts'
import type { LimitSettings } from './settings.ts'
import { withoutSuggestion } from './suggestions.ts'
import { assertParsable, withTokens } from './text-limits.ts'

/**
 * The limits of one server, in the order in which a request meets them. Each throws a LimitError. One object for all
 * transports and for as long as the server runs, whatever schemas it serves: registered queries are in it.
 */
export interface Limits {
  /** The text to run; undefined when the request has neither text nor id. It can be parsed without overflowing the stack. */
  resolveDocument(reference: DocumentReference): string | undefined
  /** For `parse`. */
  readonly maxTokens: number
  /** For `validate`, beside the specified ones. */
  readonly validationRules: readonly ValidationRule[]
  /** @param variables coerced (getVariableValues) */
  checkOperation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): void
  /** A request error as the client is told it: with the number of tokens, and without names when introspection is off. */
  explain(error: unknown): unknown
}

/** @param explain tell who sends a text that does not fit its hash, or is not listed, what its hash is */
export function createLimits(settings: LimitSettings, explain = true): Limits {
  const { tokens, cost, representations, introspection } = settings
  const resolveText = createPersistedQueries(settings, explain)
  const assertCost = createCostLimit(cost)
  return {
    resolveDocument(reference) {
      const text = resolveText(reference)
      if (text !== undefined) assertParsable(text, tokens)
      return text
    },
    maxTokens: tokens,
    validationRules: [documentRule(settings)],
    checkOperation(schema, document, operation, variables) {
      assertRepresentations(document, operation, variables, representations)
      assertCost(schema, document, operation, variables)
    },
    explain(error) {
      const measured = withTokens(error)
      return introspection ? measured : withoutSuggestion(measured)
    },
  }
}
