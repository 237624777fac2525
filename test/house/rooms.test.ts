import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../../src', import.meta.url))

/** Each room after those that it may import; files beside the rooms are rooms of their own. */
const ORDER: Record<string, string[]> = {
  streams: [
    'errors.ts',
    'log-errors.ts',
    'logger.ts',
    'waiting',
    'events',
    'provision',
    'log',
    'snapshots.ts',
    'shared-consumer.ts',
    'follow',
  ],
  sagas: [
    'await-event.ts',
    'retry.ts',
    'step.ts',
    'machine',
    'define-saga.ts',
    'worker',
    'reactors',
    'event-reactors.ts',
  ],
  commands: [
    'is-json.ts',
    'is-final.ts',
    'problem.ts',
    'command.ts',
    'definition',
    'actor',
    'transactions',
    'actors.ts',
    'endpoint',
    'client',
  ],
  projections: [
    'errors.ts',
    'definition',
    'database',
    'positions',
    'sources',
    'tables',
    'batch',
    'parking',
    'status',
    'jobs',
    'rebuild',
    'verify',
    'runner',
    'copies',
    'start-projections.ts',
  ],
}

describe.each(Object.entries(ORDER))('the rooms of src/%s', (folder, order) => {
  const base = join(src, folder)
  const roomOf = (path: string) => relative(base, path).split('/')[0] ?? ''
  const files = globSync(`${base}/**/*.ts`)
  const imports = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)]
      .map(([, specifier = '']) => join(dirname(file), specifier))
      .filter((path) => path.startsWith(`${base}/`))
      .map((path) => ({ file: relative(base, file), from: roomOf(file), to: roomOf(path) })),
  )

  it('are all known', () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(order))
  })

  it('import those before them, and none after', () => {
    expect(imports.length).toBeGreaterThan(50)
    expect(imports.filter(({ from, to }) => order.indexOf(to) > order.indexOf(from))).toEqual([])
  })

  it('say why they are there in their README', () => {
    const silent = [
      base,
      ...order.filter((room) => !room.endsWith('.ts')).map((room) => join(base, room)),
    ].filter((room) => !/^Why: .+\nIn: .+ Out: .+/m.test(readFileSync(join(room, 'README.md'), 'utf8')))
    expect(silent).toEqual([])
  })
})
