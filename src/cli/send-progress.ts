import { progress, spinner } from '@clack/prompts'
import { type Tally, total } from './send-summary.ts'

const EVERY_MS = 200

/** Shows how far sending is. */
export interface SendProgress {
  /** A line of so many bytes is done. */
  update(bytes: number): void
  stop(): void
}

/** A bar on a terminal when the size of the input is known, a moving line when it is not; nothing elsewhere. */
export function startProgress(tally: Tally, totalBytes: number | undefined): SendProgress {
  if (!process.stdout.isTTY) return { update: () => {}, stop: () => {} }
  const bar = totalBytes === undefined ? undefined : progress({ max: Math.max(totalBytes, 1), size: 40 })
  const shown = bar ?? spinner({ indicator: 'timer' })
  let next = 0
  let bytesSince = 0
  shown.start('sending')
  return {
    update(bytes) {
      bytesSince += bytes
      const now = Date.now()
      if (now < next) return
      next = now + EVERY_MS
      if (bar) bar.advance(bytesSince, counts(tally))
      else shown.message(counts(tally))
      bytesSince = 0
    },
    stop() {
      shown.stop('sent')
    },
  }
}

function counts({ accepted, duplicates, refused, failed }: Tally): string {
  const part = (value: number, what: string) => `${value.toLocaleString('en')} ${what}`
  return [
    part(accepted, 'accepted'),
    part(duplicates, 'duplicates'),
    part(total(refused), 'refused'),
    part(total(failed), 'failed'),
  ].join(' · ')
}
