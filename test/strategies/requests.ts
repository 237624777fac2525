import { Kind, parse } from 'graphql/index.js'
import type {
  GatewayRequest,
  Resolution,
  Subgraph,
  SubgraphOperation,
  SubgraphRequest,
} from '../../src/graph/gateway/subgraph.ts'

/** An operation as a plan has it. */
export function operation(text: string): SubgraphOperation {
  const document = parse(text)
  const [definition] = document.definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
  return { text, kind: definition.operation, name: definition.name?.value, document }
}

export interface AskOptions {
  caller?: unknown
  signal?: AbortSignal
  headers?: Record<string, string>
}

/** A request, and what it hears of the steps that were tried. */
export function requestOf(
  asked: SubgraphOperation,
  variables: Record<string, unknown>,
  { caller, signal = new AbortController().signal, headers = {} }: AskOptions = {},
): SubgraphRequest & { tried: Resolution[] } {
  const tried: Resolution[] = []
  const request: GatewayRequest = {
    id: 'r-1',
    headers,
    caller,
    signal,
    resolved: (resolution) => void tried.push(resolution),
  }
  return { operation: asked, variables, request, tried }
}

/** `strategy outcome` of each step that was tried, in order. */
export function outcomes(tried: readonly Resolution[]): string[] {
  return tried.map(({ strategy, outcome }) => `${strategy} ${outcome}`)
}

/** Asks a subgraph for entities with this selection. */
export function entityAsker(subgraph: Subgraph, selection: string, variable = 'r') {
  const asked = operation(
    `query ($${variable}: [_Any!]!) { _entities(representations: $${variable}) { ${selection} } }`,
  )
  return async (representations: unknown, options: AskOptions = {}) => {
    const request = requestOf(asked, { [variable]: representations }, options)
    const result = await subgraph.execute(request)
    return { result, entities: result.data?.['_entities'], tried: outcomes(request.tried) }
  }
}
