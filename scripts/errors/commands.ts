import type { ErrorTable } from './entry.ts'

const AGAIN = 'Send it again after `retryAfterMs`, with the same `Command-Id`: it is applied once.'

export const commandErrors = {
  MALFORMED_JSON: {
    status: 400,
    where: ['reply', 'cli'],
    when: 'The body of a command is not JSON in UTF-8.',
    remedy: 'Send the data of the command as JSON; nothing at all stands for `{}`.',
  },
  INVALID_COMMAND: {
    status: 400,
    where: ['reply', 'graph'],
    when: 'The data does not fit the schema of the command, or has a text that cannot be stored.',
    remedy: 'Correct what `errors` names, path by path.',
  },
  INVALID_HEADER: {
    status: 400,
    where: ['reply', 'graph'],
    when: 'A header of a command, or of a request to the graph (`Headwater-At-Least`), is not valid or does not go with the request.',
    remedy: 'Correct the header that `errors` names, or leave it out.',
  },
  INVALID_ID: {
    status: 400,
    where: ['reply', 'graph', 'cli', 'program'],
    when: 'An id cannot stand in a NATS subject.',
    remedy: 'Use 1 to 128 characters out of `A-Z a-z 0-9 _ -`.',
  },
  UNKNOWN_AGGREGATE: {
    status: 404,
    where: ['reply', 'cli'],
    when: 'No context of the service has an aggregate of this name.',
    remedy:
      'Take one of those that the sentence lists, or load the context that has it (`contexts.modules`).',
  },
  UNKNOWN_COMMAND: {
    status: 404,
    where: ['reply', 'cli', 'program'],
    when: 'The aggregate has no command of this name, or the subject is not `<namespace>.cmd.<aggregate>.<id>.<command>`.',
    remedy: 'Take one of those that the sentence lists.',
  },
  WRONG_EXPECTED_VERSION: {
    status: 409,
    where: ['reply', 'graph'],
    when: '`Expected-Version` is not the version of the aggregate.',
    remedy: 'Read the aggregate again (`actualVersion` is where it is), decide anew, and send that.',
  },
  COMMAND_TOO_LARGE: {
    status: 413,
    where: ['reply', 'graph', 'program'],
    when: 'A command is larger than `commands.body_limit`, or than a message of the NATS server.',
    remedy:
      'Send less, or several commands; large content belongs elsewhere, with a reference in the command.',
  },
  COMMIT_TOO_LARGE: {
    status: 413,
    where: ['reply', 'graph'],
    when: 'The events of one command are larger than a message of the NATS server (`max_payload`).',
    remedy: 'Let the command decide less at a time, or raise `max_payload` of the server.',
  },
  SAME_AGGREGATE: {
    status: 422,
    where: ['reply', 'graph'],
    when: 'A transaction names one aggregate in two roles.',
    remedy: 'Name different ones.',
  },
  MAILBOX_FULL: {
    status: 503,
    where: ['reply', 'graph'],
    when: '`commands.mailbox_limit` commands wait for this aggregate already, or as many transactions for its stream.',
    remedy: AGAIN,
  },
  OVERLOADED: {
    status: 503,
    where: ['reply', 'graph'],
    when: 'The process has as many commands in work, histories being read, or queries waiting for projections, as it takes at a time.',
    remedy: `${AGAIN} A query: ask a little later, for fewer at a time.`,
  },
  CONTENTION: {
    status: 503,
    where: ['reply', 'graph'],
    when: 'Other replicas wrote to the aggregate each time before this one could (`commands.conflict_retries` times).',
    remedy: AGAIN,
  },
  LOG_UNAVAILABLE: {
    status: 503,
    where: ['reply', 'graph', 'start', 'cli', 'log'],
    when: 'JetStream does not answer, has no leader for the stream at this moment, or no room left in it.',
    remedy: `${AGAIN} When it stays, look after the NATS servers.`,
  },
  CONSULT_TIMEOUT: {
    status: 503,
    where: ['reply', 'graph'],
    when: 'What the command asks outside did not answer within `commands.consult_timeout_ms`.',
    remedy: AGAIN,
  },
  CONSULT_FAILED: {
    status: 503,
    where: ['reply', 'graph'],
    when: 'What the command asks outside could not be asked; the log of the service says why.',
    remedy: AGAIN,
  },
  CONSULT_OVERLOADED: {
    status: 503,
    where: ['reply', 'graph'],
    when: '`commands.consult_limit` commands of the process wait for the outside world already.',
    remedy: AGAIN,
  },
  COMMAND_TIMEOUT: {
    status: 503,
    where: ['graph', 'cli', 'program'],
    when: 'No service answered a command within `commands.timeout_ms`. Whether it was applied is not known.',
    remedy:
      'Send it again with the same `Command-Id`, which the sentence names; see that a service runs on this NATS system and namespace.',
  },
  INTERNAL: {
    status: 500,
    where: ['reply', 'graph'],
    when: 'A bug, in Headwater or a domain. The client learns no more, on purpose.',
    remedy: 'Look into the log of the service; the graph names the request id to look for.',
  },
} as const satisfies ErrorTable
