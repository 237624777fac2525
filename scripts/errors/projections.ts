import type { ErrorTable } from './entry.ts'

export const projectionErrors = {
  PROJECTION_BEHIND: {
    status: 503,
    where: ['graph'],
    when: 'A query asked for a position (`atLeast`) that a projection did not reach in time. `extensions` has where it is.',
    remedy: 'Ask again after `retryAfterMs`; `headwater projections status` shows how far it is.',
  },
  PROJECTION_EVENT_FAILED: {
    status: 500,
    where: ['log', 'graph', 'cli'],
    when: 'A handler of a projection threw at an event, or PostgreSQL refused the row. The event is parked.',
    remedy: 'Mend the handler; then `headwater projections parked retry`.',
  },
  PROJECTION_FAILED: {
    status: 500,
    where: ['log', 'graph', 'cli'],
    when: 'A projection stands still for an error without a code, which its status shows.',
    remedy: 'Look into the log of the service; the projection tries again by itself.',
  },
  PROJECTION_TOO_MANY_PARKED: {
    status: 500,
    where: ['log', 'graph', 'cli'],
    when: 'A projection has parked events of as many aggregates as it takes, and halts.',
    remedy: 'Mend its handlers and retry what is parked, or rebuild it.',
  },
  PROJECTION_LOG_MISMATCH: {
    status: 500,
    where: ['log', 'graph', 'cli'],
    when: 'The log is not the one that the projection has applied: it was deleted, cut or restored. It halts.',
    remedy: 'Restore the log, or rebuild the projection from what there is.',
  },
  PROJECTION_SUPERSEDED: {
    status: 409,
    where: ['log', 'graph', 'cli'],
    when: 'The database has a newer version of the projection than this process, which leaves it alone.',
    remedy:
      'Nothing while a newer release is rolled out. After a roll-back raise the version in the code above it.',
  },
  CHECKPOINT_CONFLICT: {
    status: 409,
    where: ['log'],
    when: 'Another process has written the checkpoint of a projection. Nothing was written twice; this one stands by.',
    remedy: 'Nothing: it is dealt with inside.',
  },
  PROJECTION_NOT_REBUILDABLE: {
    status: 409,
    where: ['log', 'cli'],
    when: 'A projection cannot be rebuilt exactly, as it was asked. Its live table is left alone.',
    remedy: 'Do what the sentence says.',
  },
  PROJECTION_REBUILD_FAILED: {
    status: 500,
    where: ['log', 'graph', 'cli'],
    when: 'The rebuild for a new version of a projection failed. The table is served as it was.',
    remedy: 'Mend the definition and start again, or ask for it: `headwater projections rebuild`.',
  },
  JOB_CANCELLED: {
    status: 409,
    where: ['log', 'cli'],
    when: 'A rebuild or verification was cancelled. The live table is left alone.',
    remedy: 'Ask for it again, if it is still wanted.',
  },
  PARKED_EVENT_QUEUED: {
    status: 409,
    where: ['cli'],
    when: 'The event waits behind a parked one of the same aggregate.',
    remedy: 'Retry or drop that one, which the sentence names.',
  },
  PARKED_EVENT_NOT_FOUND: {
    status: 404,
    where: ['cli'],
    when: 'Nothing like that is parked.',
    remedy:
      '`headwater projections parked list`, `headwater feed parked` and `headwater reactors parked` show what is.',
  },
  PROJECTION_NOT_RUN: {
    status: 503,
    where: ['cli'],
    when: 'No service runs the projection whose parked events are to be retried or dropped.',
    remedy: 'Start one: what was asked is done then.',
  },
  EVENT_NOT_IN_LOG: {
    status: 500,
    where: ['log', 'cli'],
    when: 'A parked event is to be retried, and the log has it no longer.',
    remedy: 'Drop it, or restore the log.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    where: ['graph', 'start', 'cli', 'log'],
    when: 'PostgreSQL does not answer. Commands are taken all the same.',
    remedy:
      'Ask again after `retryAfterMs`. When it stays, see that PostgreSQL runs and `DATABASE_URL` is right.',
  },
} as const satisfies ErrorTable
