import type { ActivationOptions, Loaded } from './activation.ts'
import type { Consultations } from './consult.ts'

export interface ActorSettings {
  /** How many commands may wait for one aggregate. */
  mailboxLimit: number
  /** How many commands may be decided together, and how many bytes their bodies may have together. */
  groupMaxCommands: number
  groupMaxBytes: number
  /** How often a group is decided again because another replica wrote first. */
  conflictRetries: number
  /** A snapshot is due after this many versions. */
  snapshotEvery: number
}

/** What an actor works with. */
export interface ActorContext extends ActivationOptions {
  subject: string
  id: string
  /** `/<namespace>/<context>/<aggregate>`, the source of its events. */
  source: string
  settings: ActorSettings
  /** Asks the outside world for the commands that are decided with its answer. */
  consultations: Consultations
  /** Hears of what went wrong inside: bugs in deciders, a log that cannot be read. */
  onError: (error: unknown, what: string) => void
  /** A snapshot is due. */
  onSnapshotDue: (loaded: Loaded) => void
}
