import { Client } from 'pg'
import { within } from '../../streams/waiting/within.ts'
import { connectionOptions } from '../database/connection-options.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../definition/identifiers.ts'
import { type AppliedNotice, channelOf, decodeNotice } from './notices.ts'

/** A connection that hears what is said on the channel of a schema, from `listen` on. */
export interface ListeningConnection {
  readonly client: Client
  /** Connects, and begins to hear. Throws the driver's errors. */
  listen(): Promise<void>
  /** Never resolves; rejects when the connection is lost, or given up. */
  readonly lost: Promise<never>
  /** Takes leave of the server, which has a second for it. */
  end(): Promise<void>
}

/** A connection that leaves a look at the checkpoints unanswered for so long is given up. */
const ANSWER_MS = 5000
const END_PATIENCE_MS = 1000

/** @param closing gives the connection up */
export function listeningConnection(
  { options, schema }: Pick<Database, 'options' | 'schema'>,
  onNotice: (notice: AppliedNotice) => void,
  closing: AbortSignal,
): ListeningConnection {
  const client = new Client({
    ...connectionOptions(options, 'headwater positions'),
    query_timeout: ANSWER_MS,
  })
  let lose: (error: Error) => void = () => {}
  const lost = new Promise<never>((_, reject) => (lose = reject))
  // It may be lost before anybody waits for that.
  lost.catch(() => undefined)
  const onClosing = () => lose(new Error('closed'))
  closing.addEventListener('abort', onClosing)
  client.on('error', lose)
  client.on('end', () => lose(new Error('Connection terminated')))
  client.on('notification', ({ payload }) => {
    const notice = decodeNotice(payload)
    if (notice) onNotice(notice)
  })
  return {
    client,
    lost,
    async listen() {
      await Promise.race([client.connect(), lost])
      await client.query(`listen ${quoted(channelOf(schema))}`)
    },
    async end() {
      closing.removeEventListener('abort', onClosing)
      const ended = client.end().catch(() => undefined)
      if (!(await within(END_PATIENCE_MS, ended))) client.connection.stream.destroy()
    },
  }
}
