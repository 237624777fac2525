import type { GraphQLError } from 'graphql/index.js'
import type { GatewayRequest } from '../subgraph.ts'
import type { Variables } from './representation.ts'
import type { Tree } from './tree.ts'

/** One run of a plan: what it has come to know so far, shared by all steps. */
export interface Execution {
  readonly data: Tree
  /** With the client's paths. */
  readonly errors: GraphQLError[]
  /** Objects whose fields are missing for a reason that an error in `errors` has told already. */
  readonly incomplete: Set<Tree>
  /** With the defaults filled in. */
  readonly variables: Variables
  readonly request: GatewayRequest
  /** `extensions.headwater.projections` of all that subgraphs have answered, by projection. */
  projections: Readonly<Record<string, unknown>> | undefined
}

/** A part of a plan, ready to run: undefined when it had nothing to do. It does not reject: what fails is in the errors. */
export type Step = (execution: Execution) => Promise<void> | undefined

export function createExecution(variables: Variables, request: GatewayRequest): Execution {
  return { data: {}, errors: [], incomplete: new Set(), variables, request, projections: undefined }
}
