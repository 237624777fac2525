import { z } from 'zod'
import { KB, MB } from '../../bytes.ts'
import { bytes, integer } from '../../kinds.ts'

/** As src/graph/live has them: LiveSettings and LiveTransportSettings. */
export const live = z
  .strictObject({
    bufferCommits: integer('How many commits are kept for a client that does not read.', 1, 100_000).default(
      1000,
    ),
    bufferSize: bytes('How long these may be together, in characters.', KB, 1024 * MB).default(4 * MB),
    maxFeeds: integer(
      'From how many consumers on subscriptions to single aggregates share one of the whole type.',
      1,
      100_000,
    ).default(256),
    maxState: integer(
      'The most rows that a subscription of many tells as the present state.',
      0,
      100_000,
    ).default(1000),
    maxConnections: integer('The most live connections of each kind (WebSocket, SSE).', 0, 1_000_000).default(
      10_000,
    ),
    maxOperations: integer('The most operations that one WebSocket has under way.', 1, 10_000).default(100),
    maxSubscriptions: integer(
      'The most subscriptions of a process, over all its connections.',
      1,
      10_000_000,
    ).default(100_000),
    maxPayload: bytes('The largest message of a WebSocket client, in bytes.', KB, 64 * MB).default(100_000),
    initTimeoutMs: integer(
      'How long a WebSocket client may take to introduce itself, in milliseconds.',
      100,
      600_000,
    ).default(3000),
    keepAliveMs: integer(
      'How often a client is asked whether it is there, in milliseconds.',
      100,
      600_000,
    ).default(12_000),
    maxUnsent: bytes(
      'How much may wait to be sent to a client that does not read, in bytes; then its connection ends.',
      KB,
      1024 * MB,
    ).default(MB),
    closeTimeoutMs: integer(
      'How long a connection may take to end at a shutdown, in milliseconds.',
      0,
      600_000,
    ).default(2000),
  })
  .describe('Subscriptions over WebSocket and Server-Sent Events.')
