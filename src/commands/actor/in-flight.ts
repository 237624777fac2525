import type { Command } from '../command.ts'
import { type Problem, overloaded } from '../problem.ts'

export interface InFlightSettings {
  /** How many commands may be in work at the same time. */
  inFlightLimit: number
  /** How many bytes of body these may have together; a single one may have more. No bound unless given. */
  inFlightBytes?: number
}

/** The commands in work, bounded by their number and by the bytes of their bodies. */
export class InFlight {
  readonly #limit: number
  readonly #byteLimit: number
  #count = 0
  #bytes = 0
  #whenEmpty: (() => void) | undefined

  constructor({ inFlightLimit, inFlightBytes = Number.POSITIVE_INFINITY }: InFlightSettings) {
    this.#limit = inFlightLimit
    this.#byteLimit = inFlightBytes
  }

  get count(): number {
    return this.#count
  }

  /** Why there is no room for a command; undefined when it is in. */
  enter({ bytes }: Command): Problem | undefined {
    if (this.#count >= this.#limit)
      return overloaded('OVERLOADED', `${this.#limit} commands are in work already`)
    if (this.#count > 0 && this.#bytes + bytes > this.#byteLimit)
      return overloaded('OVERLOADED', `commands of ${this.#bytes} bytes are in work already`)
    this.#count++
    this.#bytes += bytes
    return undefined
  }

  /** Makes room before the answer is given: whoever gets it may have the next command ready. */
  leave({ bytes }: Command, answer: () => void): void {
    this.#count--
    this.#bytes -= bytes
    answer()
    if (this.#count === 0) this.#whenEmpty?.()
  }

  /** Resolves when none is in work. */
  async empty(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve))
  }
}
