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
