import { LRUCache } from 'lru-cache'
import type { Actor } from './actor.ts'

export interface ResidentsSettings {
  /** How many idle aggregates stay in memory. */
  actors: number
  /** An aggregate without a command for this long is passivated, in milliseconds. */
  idleMs: number
}

/** How often those are looked for whose time is up, in milliseconds. */
const LONGEST_LOOK_MS = 60_000

/**
 * The actors in memory. Only idle ones can be evicted: one with commands in its mailbox stays until it has answered them,
 * and how many there are of those, what is in work bounds.
 */
export class Residents {
  readonly #busy = new Map<string, Actor>()
  readonly #idle: LRUCache<string, Actor>
  readonly #passivation: NodeJS.Timeout

  constructor({ actors, idleMs }: ResidentsSettings) {
    this.#idle = new LRUCache({
      max: actors,
      ttl: idleMs,
      dispose(actor, _, reason) {
        if (reason === 'evict' || reason === 'expire') actor.passivate()
      },
    })
    this.#passivation = setInterval(() => this.#idle.purgeStale(), Math.min(idleMs, LONGEST_LOOK_MS)).unref()
  }

  get size(): number {
    return this.#busy.size + this.#idle.size
  }

  /** The actor of an aggregate, which is about to get something to do; made when it is not here. */
  take(key: string, make: () => Actor): Actor {
    const actor = this.#busy.get(key) ?? this.#idle.get(key) ?? make()
    this.#idle.delete(key)
    this.#busy.set(key, actor)
    return actor
  }

  /** To be called when an actor has nothing to do any more. */
  whenIdle(key: string, actor: Actor): () => void {
    return () => {
      if (!actor.idle) return
      this.#busy.delete(key)
      this.#idle.set(key, actor)
    }
  }

  /** Nobody is passivated any more. */
  close(): void {
    clearInterval(this.#passivation)
  }
}
