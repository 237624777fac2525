import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { root } from '../support/child.ts'

const folder = mkdtempSync(join(tmpdir(), 'headwater-installed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('does not empty a folder that node_modules is only a link to', () => {
  const [clone, elsewhere] = [join(folder, 'clone'), join(folder, 'elsewhere')]
  mkdirSync(join(clone, 'scripts'), { recursive: true })
  mkdirSync(join(elsewhere, 'somebodys-package'), { recursive: true })
  writeFileSync(join(clone, 'package-lock.json'), '{}')
  symlinkSync(elsewhere, join(clone, 'node_modules'))
  const script = join(clone, 'scripts/ensure-installed.mjs')
  cpSync(join(root, 'scripts/ensure-installed.mjs'), script)
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toContain('node_modules is a link')
  expect(existsSync(join(elsewhere, 'somebodys-package'))).toBe(true)
})
