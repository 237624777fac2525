// What docs/commands.md takes for granted.
import { z } from '../../../src/index.ts'

export const Authorize = z.object({ amount: z.string() })

const nothing: { status: 'none' | 'authorized' } = { status: 'none' }
export const initial = nothing

export const gateway = {
  authorize: (_request: { amount: string; key: string }, _signal: AbortSignal) =>
    Promise.resolve({ approved: true }),
}
