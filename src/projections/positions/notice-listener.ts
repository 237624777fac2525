import { Client } from 'pg'
import type { Position } from '../../streams/events/commit.ts'
import { connectionOptions } from '../database/connection-options.ts'
import type { Database } from '../database/database.ts'
import { reason } from '../errors.ts'
import { quoted } from '../definition/identifiers.ts'
import type { Logger } from '../../streams/logger.ts'
import { type AppliedNotice, channelOf, decodeNotice } from './notices.ts'
import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { within } from '../../streams/waiting/within.ts'

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

/** A connection that leaves a look at the checkpoints unanswered for so long is given up. */
const ANSWER_MS = 5000
const MAX_PAUSE_MS = 2000
const END_PATIENCE_MS = 1000

/** A service that only reads may be the first one in its schema: there is nothing to be read yet then. */
const UNDEFINED_TABLE = '42P01'

/**
 * Hears what the runners of all processes say, on one connection of its own that is opened again whenever it is lost. It
 * listens before it reads the checkpoints, so that the two together leave no gap.
 */
export function listenForNotices(options: NoticeListenerOptions): NoticeListener {
  const { database, logger, onNotice, onCheckpoints, onLost } = options
  const channel = channelOf(database.schema)
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
    const current = new Client({
      ...connectionOptions(database.options, 'headwater positions'),
      query_timeout: ANSWER_MS,
    })
    let lose: (error: Error) => void = () => {}
    const lost = new Promise<never>((_, reject) => (lose = reject))
    // It may be lost before anybody waits for that.
    lost.catch(() => undefined)
    const onClosing = () => lose(new Error('closed'))
    closing.signal.addEventListener('abort', onClosing)
    current.on('error', lose)
    current.on('end', () => lose(new Error('Connection terminated')))
    current.on('notification', ({ payload }) => {
      const notice = decodeNotice(payload)
      if (notice) onNotice(notice)
    })
    try {
      await Promise.race([current.connect(), lost])
      await current.query(`listen ${quoted(channel)}`)
      await read(current)
      client = current
      listening()
      settle()
      logger.debug({ channel }, 'listening for applied events')
      await lost
    } finally {
      client = undefined
      closing.signal.removeEventListener('abort', onClosing)
      onLost()
      await end(current)
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

async function end(client: Client): Promise<void> {
  if (
    await within(
      END_PATIENCE_MS,
      client.end().catch(() => undefined),
    )
  )
    return
  client.connection.stream.destroy()
}
