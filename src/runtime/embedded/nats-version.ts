import { PROBE_MS, runCommand } from './run-command.ts'

/** Atomic batches and message schedules came with 2.12; Headwater needs both. */
export const oldestNats = '2.12'

/** The version that a program says it has, if it is a nats-server at all: `nats-server: v2.14.0`. */
export async function natsVersion(file: string): Promise<string | undefined> {
  const { stdout } = await runCommand({ file, args: ['--version'] }, PROBE_MS)
  return /nats-server: v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1]
}

export function isRecentNats(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldestNats.split('.').map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}
