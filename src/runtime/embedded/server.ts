/** How a server ended. `expected` is false when nobody had called `stop()`: it crashed, or somebody else ended it. */
export interface ServerExit {
  code: number | null
  signal: NodeJS.Signals | null
  expected: boolean
}

/** A server that runs as a child process of this one. */
export interface EmbeddedServer {
  /** What a client connects to. PostgreSQL's holds the password: never log it. */
  url: string
  /** The port in use, which is another than the preferred one where that was taken. */
  port: number
  pid: number
  /**
   * Resolves (never rejects) once the process is gone and its data folder is free again, whatever the reason.
   * After an unexpected exit, call the start function again for a new server on the same data.
   */
  exited: Promise<ServerExit>
  /** Stops in order and resolves when the process is gone; may be called any number of times. */
  stop(): Promise<void>
}
