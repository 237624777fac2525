import type { Client } from 'pg'
import type { Position } from '../../streams/events/commit.ts'
import type { Logger } from '../../streams/logger.ts'
import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { Database } from '../database/database.ts'
import { reason } from '../errors.ts'
import { listeningConnection } from './listening-connection.ts'
import { type AppliedNotice, channelOf } from './notices.ts'

export interface NoticeListenerOptions {
  database: Pick<Database, 'options' | 'schema'>
  logger: Pick<Logger, 'debug' | 'warn'>
  onNotice: (notice: AppliedNotice) => void
  /** Every checkpoint, as of a moment since the listening began. */
  onCheckpoints: (checkpoints: (Position & { projection: string })[]) => void
  /** From here on until the next checkpoints, notices may be missed. */
  onLost: () => void
}

export interface NoticeListener {
  /** Resolves when the first attempt to listen has led somewhere. */
  readonly settled: Promise<void>
  /** Reads the checkpoints, on the listening connection; those who ask while it is under way share it. Never rejects. */
  look(): Promise<void>
  close(): Promise<void>
}

const MAX_PAUSE_MS = 2000

/** A service that only reads may be the first one in its schema: there is nothing to be read yet then. */
const UNDEFINED_TABLE = '42P01'

/**
 * Hears what the runners of all processes say, on one connection of its own that is opened again whenever it is lost. It
 * listens before it reads the checkpoints, so that the two together leave no gap.
 */
export function listenForNotices(options: NoticeListenerOptions): NoticeListener {
  const { database, logger, onNotice, onCheckpoints, onLost } = options
  const closing = new AbortController()
  let client: Client | undefined
  let looking: Promise<void> | undefined
  let settle = () => {}
  const settled = new Promise<void>((resolve) => (settle = resolve))

  async function run(): Promise<void> {
    let failures = 0
    while (!closing.signal.aborted) {
      try {
        await live(() => (failures = 0))
      } catch (error) {
        if (closing.signal.aborted) break
        logger.warn(
          { reason: reason(error) },
          'the connection that hears of applied events is lost; it is opened again',
        )
      }
      settle()
      await pause(backoffMs(failures++, MAX_PAUSE_MS), closing.signal)
    }
    settle()
  }

  async function live(listening: () => void): Promise<void> {
    const connection = listeningConnection(database, onNotice, closing.signal)
    try {
      await connection.listen()
      await read(connection.client)
      client = connection.client
      listening()
      settle()
      logger.debug({ channel: channelOf(database.schema) }, 'listening for applied events')
      await connection.lost
    } finally {
      client = undefined
      onLost()
      await connection.end()
    }
  }

  async function read(from: Client): Promise<void> {
    try {
      const { rows } = await from.query<Position & { projection: string }>(
        'select projection, stream, sequence from tb_projection_checkpoint',
      )
      onCheckpoints(rows)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE)) throw error
      onCheckpoints([])
    }
  }

  const running = run()
  return {
    settled,
    async look() {
      const current = client
      if (!current) return
      looking ??= read(current)
        // Whatever is wrong with it: the next connection begins with a look.
        .catch(() => void current.connection.stream.destroy())
        .finally(() => (looking = undefined))
      await looking
    },
    async close() {
      closing.abort()
      await running
    },
  }
}
