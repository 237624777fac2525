import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isAllowed } from '../../scripts/licences/allowed.ts'
import { runTimePackages } from '../../scripts/licences/run-time-packages.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packages = runTimePackages()

it('every package that comes along at run time has a licence on the list', () => {
  expect(packages.length).toBeGreaterThan(150)
  expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([])
})

it('the lock file says of a licence what the package says', () => {
  const installed = packages.filter(({ path }) => existsSync(`${root}${path}/package.json`))
  expect(installed.length).toBeGreaterThan(150)
  const told = installed.filter(({ path, licence }) => {
    const { license } = JSON.parse(readFileSync(`${root}${path}/package.json`, 'utf8'))
    return license !== licence
  })
  expect(told).toEqual([])
})

it.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0)', true],
  ['MIT AND GPL-3.0', false],
  ['Elastic-2.0', false],
  ['SEE LICENSE IN LICENSE.md', false],
  ['none', false],
])('%s is allowed: %s', (expression, allowed) => {
  expect(isAllowed(expression)).toBe(allowed)
})
