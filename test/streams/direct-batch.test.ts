import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { directBatch } from '../../src/streams/log/direct-batch.ts'
import { appendCommits, connectTo, openTestLog, useNats } from './support.ts'

const nats = useNats()

async function setUp() {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const { log, subject } = things
  const read = (from: number, limit: number) =>
    directBatch(nc, { stream: log.stream, subject: subject('a'), from, limit })
  return { nc, things, read }
}

test('answers the messages of a subject from a sequence on, and whether there are more', async () => {
  const { things, read } = await setUp()
  const sequences = await appendCommits(things, 'a', [1, 1, 1])
  await appendCommits(things, 'b', [1])
  const sequencesOf = async (from: number, limit: number) => {
    const { messages, more } = await read(from, limit)
    return { sequences: messages.map(({ sequence }) => sequence), more }
  }
  expect(await sequencesOf(1, 2)).toEqual({ sequences: sequences.slice(0, 2), more: true })
  expect(await sequencesOf(1, 3)).toEqual({ sequences, more: false })
  expect(await sequencesOf(2, 10)).toEqual({ sequences: sequences.slice(1), more: false })
  expect(await sequencesOf(4, 10)).toEqual({ sequences: [], more: false })
})

test('fails on a closed connection, and leaves nothing behind that ends the process later', async () => {
  const { nc, read } = await setUp()
  const uncaught: unknown[] = []
  const note = (error: unknown) => void uncaught.push(error)
  process.on('uncaughtException', note)
  onTestFinished(() => void process.off('uncaughtException', note))
  await nc.close()
  await expect(read(1, 10)).rejects.toThrow(/closed/i)
  // Longer than it waits for an answer.
  await delay(2500)
  expect(uncaught).toEqual([])
})
