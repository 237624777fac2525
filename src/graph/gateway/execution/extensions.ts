import type { Execution } from './execution.ts'
import { isTree } from './tree.ts'

/** Keeps what a subgraph says of the projections that it has read (`extensions.headwater.projections`, by name). */
export function keepExtensions(execution: Pick<Execution, 'projections'>, extensions: unknown): void {
  if (!isTree(extensions) || !isTree(extensions['headwater'])) return
  const { projections } = extensions['headwater']
  if (isTree(projections)) execution.projections = { ...execution.projections, ...projections }
}
