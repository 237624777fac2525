import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { EmbeddedServerError, reason } from './errors.ts'

/**
 * Writes the configuration to start with, `<dataDir>/nats.conf`: the given file without its storage folder. nats-server
 * takes host and port from its command line over those of the file, but refuses a storage folder that is in both
 * ("Duplicate 'store_dir'"), and the file has to have one to be of use by itself. Includes go on to mean the same files:
 * nats-server reads them relative to the including file, even where they look absolute.
 */
export async function embeddedConfig(configFile: string, dataDir: string): Promise<string> {
  const written = join(dataDir, 'nats.conf')
  try {
    const text = await readFile(configFile, 'utf8')
    const own = text
      .replace(/^[ \t]*"?store(_?dir)?"?[ \t]*[:= ].*$/gim, '')
      .replace(
        /^([ \t]*include[ \t]+)(['"]?)([^'"\s]+)\2/gim,
        (_line, include: string, _quote, file: string) => {
          return `${include}'${relative(dataDir, resolve(dirname(configFile), file))}'`
        },
      )
    await writeFile(written, `# Made from ${configFile} at every start: edit that one.\n${own}`)
    return written
  } catch (error) {
    const detail = `The nats-server configuration ${configFile} cannot be used: ${reason(error)}. Restore it, or configure another.`
    throw new EmbeddedServerError('NATS_START_FAILED', detail, error)
  }
}
