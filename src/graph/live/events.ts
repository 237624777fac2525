import type { Commit } from '../../streams/events/commit.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { OverloadedError } from '../errors.ts'
import { type Change, bookmark, nothing, pointAfter } from './change.ts'
import type { Live } from './live.ts'
import type { Point, Topic } from './topic.ts'

export interface EventsOptions<State> {
  live: Live
  topic: Topic
  place: Point
  signal: AbortSignal
  /** What each event of a commit left behind; undefined where nobody wants to know. */
  states?: ((commit: Commit) => Promise<(State | null)[]>) | undefined
  /** Whether an event is told, by what it left behind. */
  fits?: ((state: State) => boolean) | undefined
  /** Not everybody may see everything: what cannot be checked is not told. */
  isGuarded?: boolean
}

/** So many events that do not fit are passed over before the client gets a newer cursor: coming back, it would read them again. */
const BOOKMARK_AFTER = 1000
const RETRY_MS = 200

/** The events of a topic after a place, each as a change, in order, without an end. */
export async function* eventChanges<State>(options: EventsOptions<State>): AsyncGenerator<Change<State>> {
  const { live, topic, place, signal, fits, isGuarded = false } = options
  let passed = 0
  for await (const commit of live.follow(topic, place, signal)) {
    const stateOf = await statesOf(commit, options)
    for (const index of commit.events.keys()) {
      const isTold =
        commit.position.sequence === place.sequence && place.index !== undefined && index <= place.index
      if (isTold) continue
      const state = () => stateOf(index)
      if (fits && !isFitting(state, fits, !isGuarded)) {
        passed++
        continue
      }
      passed = 0
      const cursor = live.cursorOf(topic, pointAfter(commit, index))
      yield { type: 'EVENT', cursor, commit, index, state }
    }
    if (passed < BOOKMARK_AFTER) continue
    passed = 0
    yield bookmark(live.cursorOf(topic, { sequence: commit.position.sequence, index: undefined }))
  }
}

/** An event whose state cannot be told comes with the error in the state's place, unless its state decides who may see it. */
function isFitting<State>(
  state: () => State | null,
  fits: (state: State) => boolean,
  unlessKnown: boolean,
): boolean {
  let known: State | null
  try {
    known = state()
  } catch {
    return unlessKnown
  }
  return known !== null && fits(known)
}

/** Reads the states, again when the log does not answer: an error in a payload is for what does not pass. */
async function statesOf<State>(
  commit: Commit,
  { states, signal }: EventsOptions<State>,
): Promise<(index: number) => State | null> {
  if (!states) return nothing
  for (;;) {
    try {
      const found = await states(commit)
      return (index) => found[index] ?? null
    } catch (error) {
      const passes = error instanceof LogUnavailableError || error instanceof OverloadedError
      if (!passes || signal.aborted) {
        return () => {
          throw error
        }
      }
      await pause(RETRY_MS, signal)
    }
  }
}
