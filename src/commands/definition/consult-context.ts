/** What a consultation may know besides state and command. */
export interface ConsultContext {
  /** The aggregate's id. */
  id: string
  /** The same whenever the same command comes again: the idempotency key for whoever is asked. */
  commandId: string
  /** Aborts when the time is up; nobody waits for the answer any more. */
  signal: AbortSignal
}
