import { childOptions, serve } from '../support/child.ts'
import { type LoadResult, runLoad } from '../support/load.ts'
import { runOpenLoad } from '../support/open-load.ts'
import { createAsker } from './ask.ts'
import { ClientOptions, LoadRequest } from './protocol.ts'

/** Loads the graph, and checks every answer. */
const { graph, orders } = childOptions(ClientOptions)
const { ask, close } = createAsker(graph, orders)

function run(message: unknown): Promise<LoadResult> {
  const { load, durationMs } = LoadRequest.parse(message)
  const one = () => ask(load.kind)
  return 'rate' in load
    ? runOpenLoad({ rate: load.rate, durationMs }, one)
    : runLoad({ inFlight: load.inFlight, warmUpMs: 0, durationMs }, one)
}

serve(run, close)
