import { mkdir, realpath } from 'node:fs/promises'
import { EmbeddedServerError, reason } from './errors.ts'

/** The data folder, created where missing, without symbolic links in its path: it names the folder in every check. */
export async function openDataFolder(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true })
    return await realpath(dataDir)
  } catch (error) {
    throw new EmbeddedServerError(
      'DATA_FOLDER_UNUSABLE',
      `Cannot use the data folder ${dataDir}: ${reason(error)}. Make it writable for this user, or choose another.`,
      error,
    )
  }
}
