import type { Command } from 'commander'
import { registerParked } from './parked.ts'
import { registerRebuild } from './projections-rebuild.ts'
import { registerStatus } from './projections-status.ts'
import { registerVerify } from './projections-verify.ts'

/** `headwater projections …`: what there is to see of the projections, and to do with them. */
export function registerProjections(program: Command): void {
  const group = program.command('projections').description('look after the projections')
  for (const register of [registerStatus, registerRebuild, registerVerify, registerParked]) register(group)
}
