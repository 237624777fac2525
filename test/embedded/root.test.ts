import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { binariesIn, findPostgres } from '../../src/runtime/embedded/postgres-binaries.ts'
import { recordedHome } from '../../src/runtime/embedded/postgres-home.ts'
import { chooseSeat } from '../../src/runtime/embedded/postgres-seat.ts'
import {
  isOpenToOthers,
  isRoot,
  keepingLogger,
  onlyOpen,
  onlyRoot,
  otherOwner,
  pathWithoutNamespaces,
  query,
  scratch,
  startPostgres,
} from './support.ts'

/** The folder elsewhere that a start made, which goes with the test. */
function elsewhereOf(dataDir: string): string {
  const record: unknown = JSON.parse(readFileSync(join(dataDir, 'postgres.home.json'), 'utf8'))
  if (typeof record !== 'object' || record === null || !('folder' in record)) throw new Error('no folder')
  const folder = String(record.folder)
  expect(folder).toMatch(/\/headwater-[0-9a-f]{12}-\w{6}$/)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe.skipIf(!isRoot)(`PostgreSQL as root${onlyRoot}`, () => {
  it.skipIf(!isOpenToOthers)(
    `runs as a user without rights, in place, where that user can get there${onlyOpen}`,
    async () => {
      const dataDir = scratch(0o755)
      vi.stubEnv('PATH', pathWithoutNamespaces())
      onTestFinished(() => void vi.unstubAllEnvs())
      const server = await startPostgres(dataDir)
      expect(statSync(`/proc/${server.pid}`).uid).toBeGreaterThan(0)
      expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
      expect(statSync(dataDir).mode & 0o777).toBe(0o755)
    },
  )

  it('runs in a user namespace under a folder of root alone; where that is forbidden later, its data moves', async () => {
    const dataDir = join(scratch(), '.headwater')
    const first = await startPostgres(dataDir)
    await query(first.url, 'create table kept as select $$moved$$ as value')
    await first.stop()
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(0)

    const env = { PATH: pathWithoutNamespaces() }
    for (const start of ['moves', 'stays']) {
      const owner = await otherOwner(dataDir, { servers: ['postgres'], env })
      expect(await query(owner.postgres?.url ?? '', 'select value from kept'), start).toEqual(['moved'])
      owner.process.kill('SIGTERM')
      await new Promise((resolve) => owner.process.once('exit', resolve))
    }
    const folder = elsewhereOf(dataDir)
    expect(statSync(folder).mode & 0o777).toBe(0o711)
    expect(statSync(join(folder, 'postgres')).mode & 0o777).toBe(0o700)
    expect(statSync(dirname(dataDir)).mode & 0o777).toBe(0o700)
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false)

    // Adopted where it is, namespaces or not.
    const again = await startPostgres(dataDir)
    expect(await query(again.url, 'select value from kept')).toEqual(['moved'])

    // A copy of the data folder must not start on the original's cluster, nor may anybody on a folder others can change.
    const copy = join(scratch(), '.headwater')
    cpSync(dataDir, copy, { recursive: true })
    expect(await recordedHome(copy, keepingLogger())).toEqual({ folder: copy, elsewhere: false })
    expect(await recordedHome(dataDir, keepingLogger())).toEqual({ folder, elsewhere: true })
    chmodSync(folder, 0o777)
    expect(await recordedHome(dataDir, keepingLogger())).toEqual({ folder: dataDir, elsewhere: false })
    chmodSync(folder, 0o711)
  })

  it('uses a copy of the programs where they too are under a folder of root alone', async () => {
    const checkout = scratch()
    const { native } = await findPostgres(checkout)
    const hidden = join(checkout, 'package', 'native')
    cpSync(native, hidden, { recursive: true, verbatimSymlinks: true })
    cpSync(join(native, '..', 'package.json'), join(checkout, 'package', 'package.json'))
    const dataDir = join(checkout, '.headwater')
    mkdirSync(dataDir)
    vi.stubEnv('PATH', pathWithoutNamespaces())
    onTestFinished(() => void vi.unstubAllEnvs())

    const home = { folder: dataDir, elsewhere: false }
    const seat = await chooseSeat({ dataDir, home, binaries: binariesIn(hidden), logger: keepingLogger() })
    const folder = elsewhereOf(dataDir)
    expect(seat.home).toEqual({ folder, elsewhere: true })
    expect(dirname(seat.binaries.native)).toBe(folder)
    expect(statSync(seat.binaries.postgres)).toMatchObject({ uid: 0 })
  })

  it('says what to do where no way works', async () => {
    const checkout = scratch()
    vi.stubEnv('PATH', pathWithoutNamespaces())
    onTestFinished(() => void vi.unstubAllEnvs())
    const home = { folder: checkout, elsewhere: false }
    const binaries = binariesIn(join(checkout, 'no-programs'))
    const failure = chooseSeat({ dataDir: checkout, home, binaries, logger: keepingLogger() })
    await expect(failure).rejects.toMatchObject({ code: 'POSTGRES_NOT_RUNNABLE', status: 503 })
    await expect(failure).rejects.toThrow(/DATABASE_URL.*normal user.*Tried: /)
  })

  it.skipIf(!isOpenToOthers).each([
    ['a normal user', 65534],
    ['a user without an account', 54321],
  ])(`runs for %s as well${onlyOpen}`, async (_who, uid) => {
    const dataDir = scratch(0o755)
    chownSync(dataDir, uid, uid)
    const owner = await otherOwner(dataDir, { servers: ['postgres'], uid, env: { HOME: dataDir } })
    expect(await query(owner.postgres?.url ?? '', 'select 1')).toEqual([1])
    expect(statSync(`/proc/${owner.postgres?.pid}`).uid).toBe(uid)
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(uid)

    // Root in that user's checkout leaves the data theirs.
    owner.process.kill('SIGTERM')
    await new Promise((resolve) => owner.process.once('exit', resolve))
    if (uid !== 65534) return
    await (await startPostgres(dataDir)).stop()
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(uid)
  })
})
