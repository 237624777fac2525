import type { ErrorTable } from './entry.ts'

export const cliErrors = {
  INVALID_NAME: {
    status: 400,
    where: ['cli'],
    when: 'A domain cannot have that name (`headwater new domain`).',
    remedy: 'Lower case letters, digits and single hyphens, a letter first, 40 at most.',
  },
  ALREADY_THERE: {
    status: 409,
    where: ['cli'],
    when: '`headwater new domain` would overwrite files. Nothing was written.',
    remedy: 'Take another name, or move the files away.',
  },
  FILE_NOT_FOUND: {
    status: 400,
    where: ['cli'],
    when: 'The bulk file cannot be read.',
    remedy: 'Correct its path.',
  },
  INVALID_LINE: {
    status: 400,
    where: ['cli'],
    when: 'A line of a bulk file is no command; counted in the summary of `headwater send`, which goes on.',
    remedy:
      'Correct the lines that are named, and send the file again: what was accepted is not applied twice.',
  },
  SERVICE_GONE: {
    status: 503,
    where: ['cli'],
    when: 'No command of a bulk file was answered for a while.',
    remedy: 'Send the same file again once the service is back: what was accepted is not applied twice.',
  },
  NOT_FOUND: {
    status: 404,
    where: ['cli'],
    when: 'The aggregate has no events (`headwater history`).',
    remedy: 'Look at the id.',
  },
  UNKNOWN_PROJECTION: {
    status: 404,
    where: ['cli'],
    when: 'There is no projection of this name in the database.',
    remedy: 'Take one of those that the sentence lists.',
  },
  UNKNOWN_FOLLOWER: {
    status: 404,
    where: ['cli'],
    when: 'There is no feed or reactor of this name, or it follows several streams.',
    remedy: 'Take one of those that the sentence lists.',
  },
  UNKNOWN_SAGA: {
    status: 404,
    where: ['cli'],
    when: 'There is no saga of this name.',
    remedy: 'Take one of those that the sentence lists.',
  },
  UNKNOWN_SUBGRAPH: {
    status: 404,
    where: ['cli'],
    when: 'There is no subgraph of this name.',
    remedy: 'Take one of those that the sentence lists.',
  },
  NO_SAGAS: {
    status: 404,
    where: ['cli'],
    when: 'No service with sagas has run on this database.',
    remedy: 'Start one, or set `DATABASE_URL` to where it runs.',
  },
  NO_DATABASE: {
    status: 503,
    where: ['cli'],
    when: 'No service runs in this folder, and `DATABASE_URL` is not set.',
    remedy: 'Start one with `headwater start`, or set `DATABASE_URL`.',
  },
  NO_REBUILD: {
    status: 404,
    where: ['cli'],
    when: 'No rebuild of the projection waits or runs that could be cancelled.',
    remedy: 'Nothing: `headwater projections status` shows what is.',
  },
  REBUILD_RUNNING: {
    status: 409,
    where: ['cli'],
    when: 'A rebuild of the projection is under way.',
    remedy: 'Wait for it (`headwater projections status`), or cancel it first.',
  },
  VERIFY_RUNNING: {
    status: 409,
    where: ['cli'],
    when: 'The projection is being verified already.',
    remedy: 'Ask again when that is done.',
  },
  VERIFY_FAILED: {
    status: 500,
    where: ['cli'],
    when: 'A verification could not be carried out; it says nothing of the table.',
    remedy: 'Do what the sentence says, and ask again.',
  },
  NOBODY_WORKS: {
    status: 503,
    where: ['cli'],
    when: 'No service that has the projection has taken up a rebuild or verification.',
    remedy: 'Start one: it is done then.',
  },
  JOB_GONE: {
    status: 409,
    where: ['cli'],
    when: 'Another rebuild or verification of the projection was asked for meanwhile.',
    remedy: 'Follow that one: `headwater projections status`.',
  },
  INVALID_PLACE: {
    status: 400,
    where: ['cli'],
    when: 'A feed or reactor cannot go on from there.',
    remedy: '`now`, `beginning`, or a sequence of the stream.',
  },
  STREAM_UNAVAILABLE: {
    status: 503,
    where: ['cli'],
    when: 'The stream that a feed or reactor follows is not there, or does not answer.',
    remedy: 'Look after the NATS servers.',
  },
  NO_ANSWER: {
    status: 503,
    where: ['cli'],
    when: 'Nothing answers at the address, or something that is neither a service nor a gateway of Headwater.',
    remedy: 'Start it, or say where it is with `--url`.',
  },
} as const satisfies ErrorTable
