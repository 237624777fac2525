import { LogUnavailableError } from '../log-errors.ts'
import { within } from '../waiting/within.ts'
import { createAttempts } from './attempt.ts'
import { openCheckpoint } from './checkpoint.ts'
import { createLanes } from './lanes.ts'
import { openParking } from './parking.ts'
import { takeIn } from './take-in.ts'
import type { Term, TermOptions } from './term-options.ts'
import { keepUp } from './upkeep.ts'
import { createWindow } from './window.ts'

/**
 * What one replica does while it has the lease: reads on from the checkpoint, handles, parks, moves the checkpoint. Ends when the
 * lease is lost or it is to stop. Rejects when it cannot go on, with the checkpoint as far as everything is done.
 */
export async function serveTerm<Value>(options: TermOptions<Value>): Promise<void> {
  const { source, settings, lease } = options
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, lease.ended, ending.signal])
  let failure: { cause: unknown } | undefined
  const term = await openTerm(
    { ...options, signal },
    {
      end: () => ending.abort(),
      fail(cause) {
        failure ??= { cause }
        ending.abort()
      },
    },
  )
  const { checkpoint, window, lanes, figures, fail } = term
  const tail = await source.open(checkpoint.sequence, settings.window.items)
  const close = () => {
    window.close()
    void tail.close().catch(fail)
  }
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  const upkeep = keepUp(term).catch(fail)
  try {
    await takeIn(term, tail)
    // A tail has no end of its own: the stream is gone, or the connection for good.
    if (!signal.aborted)
      throw new LogUnavailableError('refused', `The stream ${source.stream} cannot be followed any more`)
  } catch (error) {
    fail(error)
  } finally {
    ending.abort()
    await upkeep
    await within(settings.drainMs, lanes.settled())
    // It can be written the next time.
    if (!lease.ended.aborted) await checkpoint.save(window.done).catch(() => undefined)
    figures.checkpoint = checkpoint.sequence
    figures.retrying = 0
  }
  if (failure) throw failure.cause
}

async function openTerm<Value>(
  options: TermOptions<Value>,
  ends: Pick<Term<Value>, 'end' | 'fail'>,
): Promise<Term<Value>> {
  const { store, source, settings, keys, label, holder, lease, signal, figures, logger } = options
  const checkpoint = await openCheckpoint({ store, key: keys.checkpoint, writer: holder }, source, label)
  const { sequence, epoch } = checkpoint
  const handle = await options.handler({ epoch })
  const lanes = createLanes()
  const attempts = createAttempts({ handle, lease, signal, settings, figures, label, logger })
  const parking = await openParking({ ...options, ...ends, attempts, lanes, checkpoint })
  figures.state = 'active'
  figures.lastError = undefined
  figures.checkpoint = sequence
  logger.debug({ follower: label, checkpoint: sequence }, `${label} is active here`)
  await tellWhatExpired(options, sequence)
  return { ...options, ...ends, checkpoint, window: createWindow(sequence, settings.window), lanes, parking }
}

/** Messages of others may be all that is gone: the stream does not tell. */
async function tellWhatExpired<Value>(
  { source, label, logger }: TermOptions<Value>,
  checkpoint: number,
): Promise<void> {
  const { first } = await source.state()
  if (!source.expires || checkpoint === 0 || first <= checkpoint + 1) return
  logger.warn(
    { follower: label, checkpoint, first },
    `${source.stream} begins at ${first} by now: ${label} may have missed what was before, which has expired`,
  )
}
