import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../support/child.ts'

export interface Instruction {
  /** `COPY` */
  name: string
  /** What follows, continued lines joined. */
  text: string
}

export interface Stage {
  image: string
  name: string | undefined
  instructions: Instruction[]
}

/** The stages of the Dockerfile. Of its language this knows comments and continued lines: no here-documents, no ARG. */
export function readDockerfile(): Stage[] {
  const stages: Stage[] = []
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, name, rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`The Dockerfile has a line without an instruction: ${line}`)
    if (name === 'FROM') {
      const [image = '', , stage] = rest.split(' ')
      stages.push({ image, name: stage, instructions: [] })
    } else {
      stages.at(-1)?.instructions.push({ name, text: rest })
    }
  }
  return stages
}

export function textsOf(stage: Stage | undefined, name: string): string[] {
  return (stage?.instructions ?? []).flatMap((one) => (one.name === name ? [one.text] : []))
}

/** The command of an instruction in exec form, which starts it without a shell. Throws for the other form. */
export const execForm = (text: string | undefined): string[] =>
  z.array(z.string()).parse(JSON.parse(/\[.*\]$/.exec(text ?? '')?.[0] ?? ''))

/** `COPY`'s sources and target, and the stage that it is from. */
export function parseCopy(text: string): { from: string | undefined; sources: string[]; target: string } {
  const words = text.split(' ')
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  return { from, sources: words.slice(0, -1), target: words.at(-1) ?? '' }
}

/** `ENV`'s variables. */
export function environmentOf(stage: Stage | undefined): Record<string, string> {
  return Object.fromEntries(
    textsOf(stage, 'ENV')
      .flatMap((text) => text.split(/\s+/))
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
}
