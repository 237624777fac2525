import { randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedServerError, failedWith } from './errors.ts'

/**
 * The password of the embedded PostgreSQL, made once and kept in the data folder for this user only. Loopback is open to
 * every user of a machine, so it is not protection enough.
 */
export async function readOrMakePassword(dataDir: string, hasCluster: boolean): Promise<string> {
  const file = join(dataDir, 'postgres.password')
  try {
    const password = (await readFile(file, 'utf8')).trim()
    if (password !== '') {
      await chmod(file, 0o600)
      return password
    }
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error
  }
  if (hasCluster) {
    throw new EmbeddedServerError(
      'POSTGRES_DATA_UNUSABLE',
      `${file} is gone, and with it the password of the PostgreSQL data beside it. Restore the file, or move the data ` +
        `folder away to start with an empty one.`,
    )
  }
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, `${password}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
  return password
}
