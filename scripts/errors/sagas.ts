import type { ErrorTable } from './entry.ts'

export const sagaErrors = {
  SAGA_ALREADY_STARTED: {
    status: 409,
    where: ['reply', 'graph'],
    when: 'There is an instance of the saga with this id, started by another command.',
    remedy: 'Take another id. A repeated `Command-Id` gets its first answer.',
  },
  SAGA_NOT_FOUND: {
    status: 404,
    where: ['reply', 'graph', 'cli'],
    when: 'There is no instance with this id.',
    remedy: 'Start it first; `headwater sagas list` shows what there is.',
  },
  SAGA_AMBIGUOUS: {
    status: 409,
    where: ['graph', 'cli'],
    when: 'Sagas of several names have an instance with this id.',
    remedy: 'Give the name, one of those that the sentence lists.',
  },
  SAGA_VERSION_UNKNOWN: {
    status: 409,
    where: ['reply', 'graph', 'cli'],
    when: 'The instance was started with a version of the saga that this release does not have. To an event that a step waits for the status is 503: it is tried again.',
    remedy: 'Keep the old definition in `earlier` until its instances are done.',
  },
  UNKNOWN_SIGNAL: {
    status: 404,
    where: ['reply', 'graph', 'cli'],
    when: 'The saga has no decision of this name.',
    remedy: 'Take one of those that the sentence lists.',
  },
  INVALID_SIGNAL: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'The data of a signal does not fit the schema of the decision.',
    remedy: 'Correct what the sentence names.',
  },
  UNKNOWN_STEP: {
    status: 404,
    where: ['reply', 'log'],
    when: 'An event was told to a step that waits for none, or that the version of the instance does not have. The reactor of the saga ignores it.',
    remedy: 'Only Headwater itself sends this; other programs have no reason to.',
  },
  ALREADY_DECIDED: {
    status: 409,
    where: ['reply', 'graph', 'cli'],
    when: 'The saga does not wait for this decision or event any more.',
    remedy: 'Nothing: somebody else was first, or the step is over. `headwater sagas show` tells.',
  },
  SAGA_NOT_PARKED: {
    status: 409,
    where: ['reply', 'graph', 'cli'],
    when: 'A saga is to be resumed that is not parked.',
    remedy: 'Nothing: it goes on by itself, or has ended.',
  },
  SAGA_ENDED: {
    status: 409,
    where: ['reply', 'graph', 'cli'],
    when: 'Something is asked of a saga that has ended.',
    remedy: 'Start another one.',
  },
  SAGA_PAST_PIVOT: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'A saga is to be undone that has passed its point of no return.',
    remedy: 'Resume it: from there it only goes forward.',
  },
  SAGA_DEADLINE: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'A saga was not through by its `deadlineMs`, and was undone.',
    remedy: 'Start another one, or give it more time.',
  },
  SAGA_ABANDONED: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'A person has given a saga up, with the reason in the sentence.',
    remedy: 'Start another one, if it is still wanted.',
  },
  STEP_TIMEOUT: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'The decision or event that a step waited for did not come within its `timeoutMs`.',
    remedy: 'Start another one, or give the step more time.',
  },
  DECISION_REFUSED: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'The decision that a step waited for was no.',
    remedy: 'Nothing: that is an answer.',
  },
  STEP_DEFINITION_FAILED: {
    status: 500,
    where: ['reply', 'graph', 'cli'],
    when: 'A function of a step (`invoke`, `compensate`, …) threw. The saga is undone or parked.',
    remedy: 'Mend the definition; then `headwater sagas resume` what is parked.',
  },
  STEP_FAILED_AFTER_PIVOT: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'A step after the point of no return was refused. The saga is parked for a person.',
    remedy: 'Remove what is in its way, then `headwater sagas resume`; or `abandon` it.',
  },
  COMPENSATION_FAILED: {
    status: 422,
    where: ['reply', 'graph', 'cli'],
    when: 'What is to undo a step was refused. The saga is parked for a person.',
    remedy: 'Remove what is in its way, then `headwater sagas resume`; or `abandon` it.',
  },
  SAGA_NOT_COMPLETED: {
    status: 422,
    where: ['reply', 'graph'],
    when: 'A saga that was waited for has ended otherwise, and its log says no reason.',
    remedy: '`headwater sagas show` prints all that it did.',
  },
} as const satisfies ErrorTable
