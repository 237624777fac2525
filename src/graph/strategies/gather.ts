import type { Subgraph, SubgraphRequest } from '../gateway/subgraph.ts'
import type { EntityFetch } from './entity-operation.ts'
import { allPlaces, placesOf } from './places.ts'
import type { Slot } from './slots.ts'
import { type TransportAnswer, callTransport } from './transport-call.ts'

/** Asks a subgraph for the entities of one type, together with the other types that come to it in the same moment. */
export type Gather = (
  subgraph: Subgraph,
  slots: readonly Slot[],
  signal: AbortSignal,
) => Promise<TransportAnswer>

interface Waiting {
  readonly slots: (readonly Slot[])[]
  readonly signals: AbortSignal[]
  readonly answer: Promise<TransportAnswer>
}

/**
 * A planner has put the types of an operation into one request: they stay together, unless their steps part them.
 * @param types how many types the operation asks for
 */
export function gathering(request: SubgraphRequest, fetches: readonly EntityFetch[], types: number): Gather {
  const waiting = new Map<Subgraph, Waiting>()

  function open(subgraph: Subgraph): Waiting {
    const slots: (readonly Slot[])[] = []
    const signals: AbortSignal[] = []
    const answer = new Promise<TransportAnswer>((resolve, reject) => {
      // After all promises of this moment: steps that were found open give way to this one within it.
      process.nextTick(() => {
        waiting.delete(subgraph)
        const { variables } = request
        const places =
          slots.length === types ? allPlaces(variables) : placesOf(slots.flat(), fetches, variables)
        const signal = whenAll(signals)
        callTransport({ subgraph, request, fetches, places, signal }).then(resolve, reject)
      })
    })
    const opened = { slots, signals, answer }
    waiting.set(subgraph, opened)
    return opened
  }

  return (subgraph, slots, signal) => {
    const call = waiting.get(subgraph) ?? open(subgraph)
    call.slots.push(slots)
    call.signals.push(signal)
    return call.answer
  }
}

/** Aborted when every one of them is: as long as one type is waited for, the call goes on. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const [only] = signals
  if (signals.length === 1 && only) return only
  const controller = new AbortController()
  let left = signals.length
  const gone = () => {
    left -= 1
    if (left === 0) controller.abort()
  }
  for (const signal of signals) {
    if (signal.aborted) gone()
    else signal.addEventListener('abort', gone, { once: true })
  }
  return controller.signal
}
