/** One message of a stream, as a follower takes it. */
export interface Item<Value> {
  sequence: number
  /** Items of one aggregate are handled in order. */
  aggregate: string
  id: string
  /** In bytes or characters: what the window is bounded by. */
  size: number
  /** The events in it, at least one: each is handled by itself. Of what cannot be read, one with an empty id and type. */
  events: readonly { id: string; type: string }[]
  value: Value
}

/** What a stream says of itself. */
export interface SourceState {
  /** When it was made: another moment is another stream. */
  created: string
  first: number
  last: number
}

/** Where a follower reads. */
export interface Source<Value> {
  readonly stream: string
  /** What it takes of the stream, with wildcards. */
  readonly subjects: readonly string[]
  /** True when its oldest messages go by age: what is missing in front is then no damage. */
  readonly expires: boolean
  state(): Promise<SourceState>
  /** Where the first message of its own stands behind a sequence, as the leader has it; undefined when there is none. */
  next(after: number): Promise<number | undefined>
  /** Follows it behind a sequence, without end. */
  open(after: number, prefetch: number): Promise<SourceTail<Value>>
  /** The items of one aggregate from a sequence up to another, both included, as the leader has them. */
  read(aggregate: string, id: string, from: number, to: number): AsyncIterable<Item<Value>>
}

export interface SourceTail<Value> extends AsyncIterable<{ item: Item<Value>; pending: number }> {
  close(): Promise<void>
}

/** What stands in place of the events of a message that cannot be read. */
export const UNREADABLE = [{ id: '', type: '' }] as const
