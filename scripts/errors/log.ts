import type { ErrorTable } from './entry.ts'

export const logErrors = {
  CONFLICT: {
    status: 409,
    where: ['log'],
    when: 'The log has a newer event of an aggregate than was expected. Commands are then decided again; see CONTENTION.',
    remedy: 'Nothing: it is dealt with inside.',
  },
  MALFORMED_COMMIT: {
    status: 500,
    where: ['reply', 'log', 'graph', 'cli'],
    when: 'A message in a stream of Headwater is no commit: another program has written it.',
    remedy: 'Find that program by the position; projections park the message, drop it there.',
  },
  UNKNOWN_EVENT: {
    status: 500,
    where: ['reply', 'log', 'graph', 'cli'],
    when: 'An event is of a type or version that this release does not know, or does not fit its schema after upcasting.',
    remedy:
      'Run the release that knows it, or correct the schema or the upcaster; then retry what is parked.',
  },
  BROKEN_HISTORY: {
    status: 500,
    where: ['reply', 'log', 'graph', 'cli'],
    when: 'The versions of the events of an aggregate have a gap: events were deleted from the stream.',
    remedy: 'Restore the stream from a backup.',
  },
  EVENT_NOT_APPLICABLE: {
    status: 500,
    where: ['reply', 'graph'],
    when: 'An event of the aggregate cannot be applied to its state: another program wrote it, or `evolve` has a bug.',
    remedy: 'Look at the event with `headwater history`; correct `evolve`, or who may write to the log.',
  },
  STREAM_MISMATCH: {
    status: 500,
    where: ['start'],
    when: 'A stream exists with settings that cannot be changed in place.',
    remedy:
      'Set the configuration to what the stream has, or move its data with `nats stream backup` and `restore`.',
  },
  FEED_STREAM_MISMATCH: {
    status: 500,
    where: ['start'],
    when: 'The stream of the public feed exists with settings that cannot be changed, or takes other subjects.',
    remedy: 'Do what the sentence says: change `feed` in the configuration, or the stream.',
  },
  TIMERS_STREAM_MISMATCH: {
    status: 500,
    where: ['start'],
    when: 'The stream of the timers of sagas exists with settings that cannot be changed in place.',
    remedy: 'Do what the sentence says: give it another name in `[streams.names]`, or move the stream.',
  },
  FEED_REFUSED: {
    status: 500,
    where: ['log'],
    when: 'The server refuses a public event, for its size for instance. The event is parked.',
    remedy: 'Publish less of it; then `headwater feed retry`.',
  },
  FEED_SHAPE_INVALID: {
    status: 500,
    where: ['log'],
    when: 'The public data of an event does not fit the schema of its feed, or the function that makes it threw. The event is parked.',
    remedy: 'Mend the declaration of the feed; then `headwater feed retry`.',
  },
  MALFORMED_FEED_MESSAGE: {
    status: 500,
    where: ['log'],
    when: 'A message of the feed is no public event: another program has published it. A reactor parks it.',
    remedy: 'Find that program; then `headwater reactors drop`.',
  },
  FOLLOWER_LOG_MISMATCH: {
    status: 500,
    where: ['log', 'cli'],
    when: 'The log is not the one that the feed or reactor has followed: it was deleted, cut or restored. It halts.',
    remedy: 'Restore the stream, or say where to go on: `headwater feed reset`, `headwater reactors reset`.',
  },
  FOLLOWER_CHECKPOINT_INVALID: {
    status: 500,
    where: ['log', 'cli'],
    when: 'What a feed or reactor has written of its progress cannot be read: another release or program has written it.',
    remedy: 'Run that release, or say where to go on with `reset`.',
  },
  FOLLOWER_TOO_MANY_PARKED: {
    status: 500,
    where: ['log', 'cli'],
    when: 'A feed or reactor has as many parked events as it takes, and halts.',
    remedy: 'Mend what fails, then `retry` what is parked.',
  },
  FOLLOWER_SUPERSEDED: {
    status: 503,
    where: ['log'],
    when: 'A replica was away for longer than its lease lasts, and finds that another has what is parked. It writes nothing, and begins again as one that stands by.',
    remedy: 'Nothing; when it comes often, see why the process or the machine stops for seconds.',
  },
  FOLLOWER_EVENT_FAILED: {
    status: 500,
    where: ['log', 'cli'],
    when: 'What made a feed or reactor park an event is a bug: an error without a code.',
    remedy:
      'Look at the cause with `headwater feed parked` or `headwater reactors parked`, mend it, and `retry`.',
  },
  FOLLOWER_NOT_RUN: {
    status: 503,
    where: ['cli'],
    when: 'No service that has the feed or reactor works on what was asked of its parked events.',
    remedy: 'Start one: what was asked is done then.',
  },
  NO_FOLLOWERS: {
    status: 404,
    where: ['cli'],
    when: 'No service with a feed or reactors has run on this NATS system and namespace.',
    remedy: 'Start one, or set `NATS_URL` and `namespace` to where it runs.',
  },
  REACTOR_FAILED: {
    status: 500,
    where: ['log'],
    when: 'A reactor threw. The event is parked.',
    remedy: 'Mend the reactor; then `headwater reactors retry`.',
  },
  REACTOR_INPUT_INVALID: {
    status: 500,
    where: ['log'],
    when: 'A public event is not what the schema of a reactor expects. It is parked.',
    remedy: 'Bring schema and feed together; then `headwater reactors retry`.',
  },
  REACTOR_INVALID: {
    status: 500,
    where: ['start'],
    when: 'A reactor reacts to an aggregate that no context here has.',
    remedy: 'Load the context (`contexts.modules`), or react to the public feed.',
  },
} as const satisfies ErrorTable
