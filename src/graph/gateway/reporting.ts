import type { Subgraph } from './subgraph.ts'

/** Hears why a subgraph gave no result: with the cause, which is for the log and for nobody else. */
export type ReportFailure = (error: unknown, subgraph: string) => void

/** The same subgraph, with somebody who hears of its failures. */
export function reporting(subgraph: Subgraph, report: ReportFailure): Subgraph {
  return {
    name: subgraph.name,
    async execute(asked) {
      try {
        return await subgraph.execute(asked)
      } catch (error) {
        // Where nobody waits any more, it is no failure of the subgraph.
        if (!asked.request.signal.aborted) report(error, subgraph.name)
        throw error
      }
    },
    subscribe: (asked) => subgraph.subscribe(asked),
    close: () => subgraph.close(),
  }
}
