import { styleText } from 'node:util'
import type { CloudEvent } from '../streams/events/cloud-event.ts'
import type { Commit } from '../streams/events/commit.ts'
import { print, printJson } from './print.ts'

/** An event in one line for a person; as JSON, with its position, for a program. */
export function printEvent({ aggregate, id, position }: Commit, event: CloudEvent): void {
  if (!process.stdout.isTTY) {
    printJson({ position, aggregate, ...event })
    return
  }
  const where = styleText('dim', `${position.stream} ${position.sequence}`)
  const what = styleText('bold', event.type)
  print(
    `${where}  ${event.time}  ${aggregate} ${id} v${event.sequence}  ${what}  ${JSON.stringify(event.data)}`,
  )
}
