import { GraphQLError } from 'graphql/index.js'

const SUGGESTION = / Did you mean [^]*\?$/

/** An error without the names that graphql-js proposes in it: whoever may not read the schema could guess it by them. */
export function withoutSuggestion(error: unknown): unknown {
  if (!(error instanceof GraphQLError) || !SUGGESTION.test(error.message)) return error
  const { nodes, originalError, extensions } = error
  return new GraphQLError(error.message.replace(SUGGESTION, ''), {
    ...(nodes && { nodes }),
    ...(originalError && { originalError }),
    extensions,
  })
}
