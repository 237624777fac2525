import type { GatewayRequest, Resolution } from '../../src/graph/gateway/subgraph.ts'

/** A request to a gateway in this process, that can be given up. */
export function gatewayRequest(headers: Record<string, string> = {}) {
  const controller = new AbortController()
  const resolutions: Resolution[] = []
  const request: GatewayRequest = {
    id: 'r-1',
    headers,
    caller: undefined,
    signal: controller.signal,
    resolved: (resolution) => void resolutions.push(resolution),
  }
  return { request, resolutions, abort: () => controller.abort() }
}
