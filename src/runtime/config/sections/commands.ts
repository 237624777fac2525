import { z } from 'zod'
import { KB, MB } from '../bytes.ts'
import { bytes, integer } from '../kinds.ts'

/** Clients are promised that a repeated command gets its first answer for at least so long. */
const DAY_MS = 86_400_000

export const commands = z
  .strictObject({
    bodyLimit: bytes('The largest command, in bytes.', KB, 64 * MB).default(MB),
    mailboxLimit: integer('How many commands may wait for one aggregate.', 1, 1_000_000).default(1000),
    inFlightLimit: integer(
      'How many commands a process works on at a time, over all aggregates.',
      1,
      1_000_000,
    ).default(10_000),
    inFlightBytes: bytes(
      'How many bytes of commands a process works on at a time; a single one may have more.',
      KB,
      1024 * MB,
    ).default(128 * MB),
    actors: integer('How many aggregates a process keeps in memory.', 1, 10_000_000).default(10_000),
    idleMs: integer('After how long an idle aggregate leaves memory, in milliseconds.', 1000, DAY_MS).default(
      600_000,
    ),
    conflictRetries: integer(
      'How often a command is decided again because another replica wrote first.',
      0,
      1000,
    ).default(10),
    groupMaxCommands: integer('The most commands that go into one commit.', 1, 10_000).default(128),
    groupMaxBytes: bytes('The most bytes of commands that go into one commit.', KB, 64 * MB).default(
      512 * KB,
    ),
    idempotencyWindowMs: integer(
      'How long a repeated Command-Id gets its first answer, in milliseconds; a day at least.',
      DAY_MS,
      30 * DAY_MS,
    ).default(DAY_MS),
    snapshotEvery: integer('A snapshot each so many events of an aggregate.', 1, 1_000_000).default(200),
    timeoutMs: integer('How long a client waits for an answer, in milliseconds.', 10, 600_000).default(5000),
    consultTimeoutMs: integer(
      'How long a command may wait for what the outside world says (`consult`), in milliseconds.',
      10,
      600_000,
    ).default(10_000),
    consultLimit: integer(
      'How many commands of a process may wait for the outside world at a time.',
      1,
      1_000_000,
    ).default(1000),
    drainTimeoutMs: integer(
      'How long a shutdown waits for accepted commands, in milliseconds.',
      0,
      600_000,
    ).default(10_000),
  })
  .describe('The command endpoint and the actors behind it.')
