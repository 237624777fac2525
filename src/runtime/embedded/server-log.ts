import { open, rename, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** A server's own output, kept beside its data and out of the terminal. */
export interface ServerLog {
  path: string
  /** For the child to write to, in append mode. */
  fd: number
  /** The last lines that were written since the log was opened. */
  lastLines(count: number): Promise<string>
  close(): Promise<void>
}

/** 5 MiB; with the one older file that is kept, a server's logs stay near twice this. */
const rotateAtBytes = 5 * 1024 * 1024
const tailBytes = 64 * 1024

/** Opens the log for one start, moving a big one aside to `<path>.1` first. */
export async function openServerLog(path: string): Promise<ServerLog> {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  )
  if (size > rotateAtBytes) await rename(path, `${path}.1`)
  const handle = await open(path, 'a', 0o600)
  const { size: startedAt } = await handle.stat()
  return {
    path,
    fd: handle.fd,
    lastLines: (count) => lastLines(path, startedAt, count),
    close: () => handle.close(),
  }
}

async function lastLines(path: string, from: number, count: number): Promise<string> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    const { size } = await handle.stat()
    const start = Math.max(from, size - tailBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - start)), 0, null, start)
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-count).join('\n')
  } catch {
    return ''
  } finally {
    await handle?.close()
  }
}
