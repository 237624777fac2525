import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const documents = [
  '*.md',
  'docs/**/*.md',
  'src/**/*.md',
  'bench/*.md',
  'test/**/*.md',
  'deploy/**/*.md',
].flatMap((pattern) => globSync(join(root, pattern)))

/** As GitHub makes them: lower case, without punctuation, `-` for spaces. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6} +(.+)$/gm)
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}

describe.each(documents.map((file) => ({ name: relative(root, file), file })))('$name', ({ file }) => {
  const text = readFileSync(file, 'utf8')
  const prose = text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')

  it('links to what is there', () => {
    const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(target)) return true
      return (
        anchor !== undefined &&
        statSync(target).isFile() &&
        !anchorsOf(readFileSync(target, 'utf8')).has(anchor)
      )
    })
    expect(broken).toEqual([])
  })

  it('names folders and files that are there', () => {
    const named = [...prose.matchAll(/`((?:src|test|bench|scripts|docs|deploy)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    )
    // Domains of one's own are written into src/domains in this repository; results of benchmarks are in no clone.
    const missing = named.filter((path) => !existsSync(join(root, path)) && !path.startsWith('bench/results'))
    expect(missing).toEqual([])
  })
})
