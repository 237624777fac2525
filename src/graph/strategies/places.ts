import type { EntityFetch } from './entity-operation.ts'
import type { Slot } from './slots.ts'

type Variables = Readonly<Record<string, unknown>>

/** Which representations of a request go to a subgraph, and where what comes back belongs. */
export interface Places {
  /** The variables as they are sent. */
  readonly variables: Variables
  /** How many entities a fetch has to come back with. */
  countOf(fetch: EntityFetch): number
  /** Where in the whole an entity belongs that comes back at this position. */
  indexOf(fetch: EntityFetch, position: number): number | undefined
  /** Where an entity of the whole comes back. */
  positionOf(slot: Slot): number | undefined
}

/** All of them, at their own places. */
export function allPlaces(variables: Variables): Places {
  return {
    variables,
    countOf: ({ variable }) => listOf(variables, variable).length,
    indexOf: (_, position) => position,
    positionOf: ({ index }) => index,
  }
}

/** Those of these slots. Two fetches with one variable ask for the same. */
export function placesOf(
  slots: readonly Slot[],
  fetches: readonly EntityFetch[],
  variables: Variables,
): Places {
  const chosen = new Map(fetches.map(({ variable }) => [variable, new Set<number>()]))
  for (const { fetch, index } of slots) chosen.get(fetch.variable)?.add(index)
  const indices = new Map(
    [...chosen].map(([variable, set]) => [variable, [...set].toSorted((a, b) => a - b)]),
  )
  const positions = new Map(
    [...indices].map(([variable, list]) => [
      variable,
      new Map(list.map((index, position) => [index, position])),
    ]),
  )
  const sent = [...indices].map(([variable, list]) => {
    const all = listOf(variables, variable)
    return [variable, list.map((index) => all[index])]
  })
  return {
    variables: { ...variables, ...Object.fromEntries(sent) },
    countOf: ({ variable }) => indices.get(variable)?.length ?? 0,
    indexOf: ({ variable }, position) => indices.get(variable)?.[position],
    positionOf: ({ fetch, index }) => positions.get(fetch.variable)?.get(index),
  }
}

function listOf(variables: Variables, name: string): readonly unknown[] {
  const list: unknown = variables[name]
  return Array.isArray(list) ? list : []
}
