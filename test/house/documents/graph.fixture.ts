// What docs/graph.md takes for granted.
export { contexts, order, orderProjection } from '../../package/examples/prelude.ts'

export interface Caller {
  id: string
  isStaff: boolean
}

export const callerOf = (authorization: unknown): Caller => ({ id: String(authorization), isStaff: false })
