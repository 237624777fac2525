import type { Command } from 'commander'
import { registerGraphCheck } from './graph-check.ts'
import { registerFdwSetup } from './graph-fdw-setup.ts'
import { registerGraphPrint } from './graph-print.ts'
import { registerGraphStatus } from './graph-status.ts'

/** `headwater graph …`: what there is to see of the federated graph, before and while it is served. */
export function registerGraph(program: Command): void {
  const group = program
    .command('graph')
    .description('look at the graph, its subgraphs and how they are reached')
  for (const register of [registerGraphCheck, registerGraphPrint, registerGraphStatus, registerFdwSetup])
    register(group)
}
