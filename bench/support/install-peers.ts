import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The peers' packages are no dependencies of Headwater: they are installed when they are first asked for. */
export function installPeers(): void {
  const cwd = fileURLToPath(new URL('../peers', import.meta.url))
  if (existsSync(`${cwd}/node_modules`)) return
  console.log('Installing the peers (once) …')
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error('npm could not install bench/peers; its messages are above')
}
