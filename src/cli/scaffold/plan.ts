import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DomainNames } from './names.ts'
import { type Workplace, readmeFile } from './readme.ts'
import {
  type ImportPaths,
  aggregateFile,
  contextFile,
  graphFile,
  projectionFile,
  testFile,
} from './templates.ts'

export interface Plan {
  /** New files, by their path in the folder; none of them may exist. */
  files: Map<string, string>
  /** Files to add lines to; made when they are missing. */
  additions: Map<string, string>
  /** What to type next, in order. */
  next: string[]
  /** What to read after that. */
  readme: string
}

/** What a new domain takes: in Headwater's own repository beside the others, elsewhere under `domains/`. */
export function planDomain(folder: string, names: DomainNames): Plan {
  return inRepository(folder) ? repositoryPlan(names) : projectPlan(folder, names)
}

function inRepository(folder: string): boolean {
  return manifestOf(folder)['name'] === 'headwater' && existsSync(join(folder, 'src/domains/index.ts'))
}

function isModule(folder: string): boolean {
  return manifestOf(folder)['type'] === 'module'
}

function manifestOf(folder: string): Record<string, unknown> {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return {}
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
}

function repositoryPlan(names: DomainNames): Plan {
  const { domain, contextVariable } = names
  const imports = {
    headwater: '../../index.ts',
    testing: '../../src/testing/index.ts',
    aggregateFromTest: `../../src/domains/${domain}/aggregate.ts`,
  }
  const place = {
    start: 'npm start',
    test: `npx vitest run test/domains/${domain}.test.ts`,
    testFile: `../../../test/domains/${domain}.test.ts`,
  }
  const folder = `src/domains/${domain}`
  return {
    files: new Map([
      ...sources(folder, names, imports, place),
      [`test/domains/${domain}.test.ts`, testFile(names, imports, 'vitest')],
    ]),
    additions: new Map([
      ['src/domains/index.ts', `export { ${contextVariable} } from './${domain}/index.ts'\n`],
    ]),
    // With a long name some lines are too long.
    next: [`npx prettier --write ${folder} test/domains/${domain}.test.ts`, ...next(names, place)],
    readme: `${folder}/README.md`,
  }
}

function projectPlan(folder: string, names: DomainNames): Plan {
  const { domain, contextVariable } = names
  const imports = {
    headwater: 'headwater',
    testing: 'headwater/testing',
    aggregateFromTest: './aggregate.ts',
  }
  const place = {
    start: 'npx headwater start',
    test: `node --test domains/${domain}/${domain}.test.ts`,
    testFile: `${domain}.test.ts`,
  }
  const additions = new Map([
    ['domains/index.ts', `export { ${contextVariable} } from './${domain}/index.ts'\n`],
  ])
  const toml = join(folder, 'headwater.toml')
  const configured = existsSync(toml) && readFileSync(toml, 'utf8').includes('domains/index.ts')
  const ownContexts = existsSync(toml) && /^\s*\[contexts\]/m.test(readFileSync(toml, 'utf8'))
  if (!configured && !ownContexts) {
    additions.set('headwater.toml', '[contexts]\nmodules = ["./domains/index.ts"]\nbuiltin = false\n')
  }
  if (!existsSync(join(folder, '.gitignore'))) additions.set('.gitignore', 'node_modules/\n.headwater/\n')
  return {
    files: new Map([
      ...sources(`domains/${domain}`, names, imports, place),
      [`domains/${domain}/${domain}.test.ts`, testFile(names, imports, 'node:test')],
    ]),
    additions,
    next: [
      ...(!configured && ownContexts
        ? ['add "./domains/index.ts" to modules under [contexts] in headwater.toml']
        : []),
      ...(existsSync(join(folder, 'package.json')) ? [] : ['npm init --yes']),
      // Node would load the sources as CommonJS first, with a warning, and imports of a package's parts may fail.
      ...(isModule(folder) ? [] : ['npm pkg set type=module']),
      ...(isInstalled(folder) ? [] : ['npm install headwater']),
      ...next(names, place),
    ],
    readme: `domains/${domain}/README.md`,
  }
}

/** Whether the sources find the package: here or in a folder above, as Node looks for it. */
function isInstalled(folder: string): boolean {
  const above = dirname(folder)
  return existsSync(join(folder, 'node_modules/headwater')) || (above !== folder && isInstalled(above))
}

function sources(
  folder: string,
  names: DomainNames,
  imports: ImportPaths,
  place: Workplace,
): [string, string][] {
  return [
    [`${folder}/aggregate.ts`, aggregateFile(names, imports)],
    [`${folder}/projection.ts`, projectionFile(names, imports)],
    [`${folder}/graph.ts`, graphFile(names, imports)],
    [`${folder}/index.ts`, contextFile(names, imports)],
    [`${folder}/README.md`, readmeFile(names, place)],
  ]
}

function next({ aggregate }: DomainNames, { test, start }: Workplace): string[] {
  return [
    test,
    `${start}   # in a terminal of its own`,
    `npx headwater command ${aggregate} first create '{"title":"Hello"}'`,
    `npx headwater history ${aggregate} first`,
  ]
}
