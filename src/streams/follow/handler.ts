/** What a handler is told besides the event. */
export interface Turn {
  /** True when it was tried before, or was parked: it may have been done, and long ago. */
  again: boolean
  /** Aborted when this replica stops, or is the active one no more. */
  signal: AbortSignal
  /** False when another replica may be the active one: do nothing then that cannot be repeated, and throw something transient. */
  readonly isActive: () => boolean
}

/**
 * Handles one event of an item. It has to be idempotent: after a crash, a take-over or a lost answer it is called again for an event
 * that it has handled. A transient failure (503, 429, NATS away) is tried again without end; any other parks the event.
 */
export type Handle<Value> = (value: Value, index: number, turn: Turn) => Promise<void>
