import { HeadwaterError, type InputError } from '../../streams/errors.ts'

/** A reason why subgraphs do not compose. */
export interface CompositionProblem {
  /** The rule that was broken: `KEY_INVALID_FIELDS`. */
  readonly code: string
  /** Undefined when it is of several together. */
  readonly subgraph: string | undefined
  readonly message: string
}

/** The schemas of the subgraphs do not fit together. `errors` says each reason, its path is the rule that was broken. */
export class CompositionError extends HeadwaterError {
  readonly problems: readonly CompositionProblem[]

  constructor(problems: readonly CompositionProblem[]) {
    const errors: InputError[] = problems.map(({ code, subgraph, message }) => ({
      path: code,
      message: subgraph === undefined ? message : `[${subgraph}] ${message}`,
    }))
    const [first] = errors
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
    super({
      code: 'COMPOSITION_FAILED',
      status: 500,
      detail: `The subgraphs do not compose: ${first?.message ?? 'no reason given'}${more}. \`headwater graph check\` shows all of it`,
      errors,
    })
    this.problems = problems
  }
}

/** A subgraph's schema could not be read, and none is known from before. */
export class SchemaUnavailableError extends HeadwaterError {
  constructor(subgraph: string, why: string, cause?: unknown) {
    super({
      code: 'SUBGRAPH_SCHEMA_UNAVAILABLE',
      status: 503,
      detail: `The schema of the subgraph ${subgraph} cannot be read: ${why}. Start it, correct its graphql_url, or name its SDL file with \`schema\``,
      cause,
    })
  }
}
