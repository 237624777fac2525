import type { GraphContext } from '../context/context.ts'
import { NothingLiveError } from './errors.ts'
import type { Live } from './live.ts'

/** What can be followed here. Throws NothingLiveError where nothing can. */
export function liveOf({ live }: GraphContext): Live {
  if (!live) throw new NothingLiveError()
  return live
}
