import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Manifest = z.object({ scripts: z.object({ start: z.string() }) })

/** The flags that `npm start` gives Node: a service is measured as people run it. */
export function serviceFlags(): string[] {
  const { scripts } = Manifest.parse(
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
  )
  return scripts.start.match(/--[\w-]+=\d+/g) ?? []
}
