import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { CommandEnvelope } from '../commands/client/command-sender.ts'

/** A line of a bulk file. `data` is checked by the service, which knows the command. */
const BulkLine = z.object({
  aggregate: z.string().min(1),
  id: z.string().min(1),
  command: z.string().min(1),
  data: z.unknown().default({}),
  commandId: z.string().optional(),
  occurredAt: z.string().optional(),
})

export type ParsedLine = { envelope: CommandEnvelope } | { problem: string }

/**
 * Reads one line of a bulk file: `{"aggregate","id","command","data","commandId"?,"occurredAt"?}`.
 *
 * @param origin the file and line number, from which a line without a `commandId` gets one that is the same the next
 *   time: sending a file again does nothing twice. Undefined for standard input, where such a line is a new command each time.
 */
export function parseBulkLine(text: string, origin: string | undefined): ParsedLine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'it is not JSON' }
  }
  const line = BulkLine.safeParse(value)
  if (!line.success) {
    return {
      problem: line.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    }
  }
  const commandId =
    line.data.commandId ?? (origin === undefined ? undefined : derivedId(`${origin}\n${text}`))
  return { envelope: { ...line.data, commandId } }
}

function derivedId(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
