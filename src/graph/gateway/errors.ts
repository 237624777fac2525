import { HeadwaterError } from '../../streams/errors.ts'

/** A subgraph gave no GraphQL result. The message names the subgraph, never its address; the cause is for the log alone. */
export class SubgraphError extends HeadwaterError {
  readonly subgraph: string

  constructor(subgraph: string, code: 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT', cause?: unknown) {
    const what = code === 'SUBGRAPH_TIMEOUT' ? 'did not answer in time' : 'could not be reached'
    super({ code, status: 503, detail: `The subgraph ${subgraph} ${what}`, cause })
    this.subgraph = subgraph
  }
}

/** The native query planner is not installed, or does not load here. */
export class PlannerUnavailableError extends HeadwaterError {
  constructor(cause: unknown) {
    super({
      code: 'GATEWAY_PLANNER_UNAVAILABLE',
      status: 503,
      detail:
        'The query planner (@graphql-hive/router-query-planner, for Linux with glibc and macOS) is not installed here. Install it, or set gateway.engine = "mercurius"',
      cause,
    })
  }
}

/** The supergraph cannot be served; the last one that could be is kept. */
export class InvalidSupergraphError extends HeadwaterError {
  constructor(reason: string, cause?: unknown) {
    super({
      code: 'INVALID_SUPERGRAPH',
      status: 500,
      detail: `The supergraph cannot be served: ${reason}`,
      cause,
    })
  }
}

/** A valid operation that the subgraphs together cannot answer: a field of it cannot be reached from where it is asked for. */
export class UnplannableError extends HeadwaterError {
  constructor(cause: unknown) {
    super({
      code: 'OPERATION_UNPLANNABLE',
      status: 400,
      detail:
        'No subgraph can answer a part of this operation from where it asks for it. Ask for fewer fields, or have the owners of the graph add the keys that lead there',
      cause,
    })
  }
}

/** The gateway is going away, or has another schema by now. What is asked again is answered. */
export class GatewayClosedError extends HeadwaterError {
  constructor() {
    super({
      code: 'GATEWAY_CLOSED',
      status: 503,
      detail:
        'The graph is served anew, with another schema or by another process. Subscribe again, from the last cursor',
      retryAfterMs: 100,
    })
  }
}

/** A subscription whose client takes its events more slowly than its subgraph sends them. */
export class SlowSubscriberError extends HeadwaterError {
  readonly subgraph: string

  constructor(subgraph: string, limit: number) {
    super({
      code: 'SUBSCRIPTION_OVERFLOW',
      status: 429,
      detail: `More than ${limit} events of the subgraph ${subgraph} wait to be taken. Subscribe again, from the last cursor`,
    })
    this.subgraph = subgraph
  }
}

/** A response key that no JavaScript object can have as a property of its own without care. */
export class UnservableKeyError extends HeadwaterError {
  constructor() {
    super({
      code: 'BAD_USER_INPUT',
      status: 400,
      detail: 'A field cannot be asked for as __proto__; give it another alias',
    })
  }
}
