import type { Beginning } from './checkpoint.ts'
import type { Handle } from './handler.ts'
import type { Logger } from '../logger.ts'
import type { FollowerSettings } from './settings.ts'
import type { Source } from './source.ts'
import type { FollowerStore } from './store.ts'

export interface FollowerOptions<Value> {
  store: FollowerStore
  kind: string
  name: string
  source: Source<Value>
  /** Where it begins when nobody has seen it before; `now` is the moment of `openFollower`. */
  beginning: Beginning
  /** In the order of each aggregate, later events waiting behind a parked one; or each event for itself. */
  order: 'aggregate' | 'none'
  /** Made anew each time that this replica becomes the active one. `epoch`: how often somebody has said anew where it goes on. */
  handler: (term: { epoch: number }) => Promise<Handle<Value>> | Handle<Value>
  logger: Logger
  settings?: Partial<FollowerSettings>
}

export interface FollowerStatus {
  kind: string
  name: string
  stream: string
  /** `standby`: another replica is the active one. `halted`: it cannot go on, `lastError` says why, and it tries again. */
  state: 'active' | 'standby' | 'halted' | 'stopped'
  /** Of the active replica: everything up to here is done or parked. */
  checkpoint: number
  /** Of the active replica: how many messages of the stream it has not finished. */
  lag: number
  parked: number
  /** How many are being tried again because of something that passes. */
  retrying: number
  lastError: string | undefined
}
