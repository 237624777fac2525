import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, runCli } from '../support/child.ts'
import { startTestService } from '../support/service.ts'

let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  service = await startTestService()
})
afterAll(async () => {
  await service.stop()
})

const headwater = (args: string[], input?: string) =>
  runCli(args, { cwd: service.folder, env: service.env, ...(input !== undefined && { input }) })

const sample = join(root, 'samples/orders.ndjson')
const lines = readFileSync(sample, 'utf8').trim().split('\n').length

describe('headwater send', () => {
  it('sends the sample: every line answered, the impossible ones refused with their codes', async () => {
    const refusedFile = join(service.folder, 'refused.ndjson')
    const { code, stdout } = await headwater(['send', sample, '--refused', refusedFile])
    expect(stdout).toContain(`${lines} commands in`)
    expect(stdout).toMatch(/ 0 {2}failed/)
    expect(stdout).toMatch(/INVALID_COMMAND/)
    expect(stdout).toMatch(/ORDER_NOT_CONFIRMED/)
    expect(stdout).toMatch(/ORDER_ALREADY_DELIVERED/)
    expect(code).toBe(0)
    const kept = readFileSync(refusedFile, 'utf8').trim().split('\n')
    expect(kept.length).toBe(Number(/([\d,]+) {2}refused/.exec(stdout)?.[1]?.replace(',', '')))
    expect(JSON.parse(kept[0] ?? '')).toHaveProperty('problem.code')
  })

  it('does nothing twice: the same file again is all duplicates', async () => {
    const { code, stdout } = await headwater(['send', '-'], readFileSync(sample, 'utf8'))
    expect(stdout).toMatch(/ 0 {2}accepted/)
    expect(code).toBe(0)
  })

  it('gives the lines of a file without command ids the same ids the next time', async () => {
    const file = join(service.folder, 'plain.ndjson')
    const line = (id: string) =>
      JSON.stringify({ aggregate: 'customer', id, command: 'register', data: address })
    const address = { city: 'Faro', state: 'FA', postalCode: '8000' }
    writeFileSync(file, `${line('p-1')}\n\n${line('p-2')}\n`)
    expect((await headwater(['send', file])).stdout).toMatch(/ 2 {2}accepted/)
    expect((await headwater(['send', file])).stdout).toMatch(/ 2 {2}duplicates/)
  })

  it('names the lines that cannot be read, sends the others, and fails', async () => {
    const good =
      '{"aggregate":"customer","id":"l-1","command":"register","data":{"city":"A","state":"B","postalCode":"1"}}'
    const { code, stdout, stderr } = await headwater(
      ['send', '-'],
      `not json\n${good}\n{"aggregate":"customer"}\n`,
    )
    expect(stderr).toContain('line 1: it is not JSON')
    expect(stderr).toMatch(/line 3: id: /)
    expect(stdout).toMatch(/ 1 {2}accepted/)
    expect(stdout).toMatch(/2 {2}INVALID_LINE/)
    expect(code).toBe(1)
  })

  it('gives up when nobody answers, instead of waiting for every line', async () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      JSON.stringify({ aggregate: 'customer', id: `s-${index}`, command: 'register', data: {} }),
    ).join('\n')
    const silent = {
      ...service.env,
      HEADWATER_NAMESPACE: 'nobody',
      HEADWATER_COMMANDS_TIMEOUT_MS: '5000',
    }
    const { code, stdout, stderr } = await runCli(['send', '-', '--concurrency', '16'], {
      cwd: service.folder,
      env: silent,
      input: many,
    })
    expect(stderr).toContain('SERVICE_GONE')
    const failed = Number(/([\d,]+) {2}failed/.exec(stdout)?.[1])
    expect(failed).toBeLessThan(200)
    expect(code).toBe(1)
  })

  it('says so when the file is not there', async () => {
    const { code, stderr } = await headwater(['send', 'nowhere.ndjson'])
    expect(stderr).toContain('FILE_NOT_FOUND')
    expect(code).toBe(1)
  })
})
