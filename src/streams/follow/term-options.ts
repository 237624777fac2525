import type { CheckpointKeeper } from './checkpoint.ts'
import type { Lanes } from './lanes.ts'
import type { Lease } from './lease.ts'
import type { FollowerName, keysOf } from './names.ts'
import type { FollowerOptions, FollowerStatus } from './options.ts'
import type { Parking } from './parking.ts'
import type { FollowerSettings } from './settings.ts'
import type { Window } from './window.ts'

/** What the active replica tells of itself. */
export interface Figures {
  state: FollowerStatus['state']
  checkpoint: number
  pending: number
  parked: number
  retrying: number
  lastError: string | undefined
}

export interface TermOptions<Value> extends FollowerOptions<Value> {
  settings: FollowerSettings
  follower: FollowerName
  keys: ReturnType<typeof keysOf>
  /** What it is called in logs. */
  label: string
  holder: string
  lease: Lease
  figures: Figures
  /** Stops it in order. */
  signal: AbortSignal
}

/** What the parts of a term share. Its signal is aborted when the term ends, for whatever reason. */
export interface Term<Value> extends TermOptions<Value> {
  checkpoint: CheckpointKeeper
  window: Window
  lanes: Lanes
  parking: Parking<Value>
  readonly end: () => void
  /** Ends it because it cannot go on; the first cause counts. */
  readonly fail: (cause: unknown) => void
}
