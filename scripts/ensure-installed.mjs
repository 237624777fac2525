// Runs before `npm start` and `npm test`, on whatever Node the machine has (20 is enough), and installs what is missing:
// the packages of package-lock.json, Node 24 among them. The second run costs a few milliseconds: it compares a stamp
// that the last successful install left with the hash of the lock file.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = `${root}node_modules/.headwater-installed`
const stamp = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex')

const installed = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
if (!installed && lstatSync(`${root}node_modules`, { throwIfNoEntry: false })?.isSymbolicLink()) {
  // `npm ci` would empty the folder that it points to, which is somebody else's.
  console.error(
    'headwater: node_modules is a link to a folder with other packages than package-lock.json names. Install there, or remove the link, then run the same command again.',
  )
  process.exit(1)
}
if (!installed) {
  console.log('headwater: installing what package-lock.json names (once; about half a minute) …')
  // `npm ci` is exact. It refuses a lock file when a registry mirror lacks a package of another platform:
  // `npm install` passes over those, and still takes the locked versions.
  if (!npm('ci') && !npm('install', '--no-save')) {
    console.error(
      'headwater: npm could not install the packages; its messages are above. Check the network and the registry that npm is set to, then run the same command again.',
    )
    process.exit(1)
  }
  writeFileSync(stampFile, stamp)
}
linkCommand()

/** npm links the commands of what a package depends on, but not its own: without this npx would install the package in itself first. */
function linkCommand() {
  const link = `${root}node_modules/.bin/headwater`
  if (process.platform !== 'win32' && !existsSync(link)) symlinkSync('../../bin/headwater.js', link)
}

function npm(...args) {
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund']
  // npm names itself in npm_execpath; run by hand, this script finds it on the PATH.
  const cli = process.env.npm_execpath
  const [command, head] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []]
  const { status } = spawnSync(command, [...head, ...args, ...quiet], {
    cwd: root,
    stdio: 'inherit',
    shell: command === 'npm' && process.platform === 'win32',
  })
  return status === 0
}
