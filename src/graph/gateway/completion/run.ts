import { GraphQLError } from 'graphql/index.js'
import type { ResponsePath } from '../execution/data-path.ts'
import type { Execution } from '../execution/execution.ts'
import type { Tree } from '../execution/tree.ts'

/** Stands for a value that is null because of something that has been told: its non-null surroundings fall with it. */
export const NULLED = Symbol('nulled')

/** Turns a value of the data into one of the answer. `parent` is the object that the field is of. */
export type Complete = (value: unknown, run: CompletionRun, parent: Tree, key: string | number) => unknown

/** The completion of one execution's data. */
export class CompletionRun {
  readonly execution: Execution
  readonly errors: GraphQLError[] = []
  /** The keys on the way to the object or the list that it is in. The first stands for the root. */
  readonly path: (string | number)[] = []

  constructor(execution: Execution) {
    this.execution = execution
  }

  /** Tells of a null where there must be none, unless it has been told why there is nothing. */
  missing(parent: Tree, key: string | number, field: string): typeof NULLED {
    const { incomplete, errors } = this.execution
    const path = this.place(key)
    const isTold = incomplete.has(parent) || errors.some((error) => isRelated(error.path, path))
    return isTold ? NULLED : this.fail(key, `Cannot return null for non-nullable field ${field}.`)
  }

  /** @param message without the value: it may be one that clients must not see */
  fail(key: string | number, message: string): typeof NULLED {
    const extensions = { code: 'SUBGRAPH_INVALID_RESULT', status: 502 }
    this.errors.push(new GraphQLError(message, { path: this.place(key), extensions }))
    return NULLED
  }

  private place(key: string | number): (string | number)[] {
    return [...this.path.slice(1), key]
  }
}

/** One leads to the other: the error is of what was to be here, or of what was to be in it. */
function isRelated(path: ResponsePath | undefined, place: ResponsePath): boolean {
  if (!path) return false
  const shared = Math.min(path.length, place.length)
  for (let index = 0; index < shared; index++) if (path[index] !== place[index]) return false
  return true
}
