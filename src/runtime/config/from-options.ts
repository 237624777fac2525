import { readTree } from './from-tree.ts'
import type { Layer } from './given.ts'
import type { ConfigOverrides } from './schema.ts'
import { root } from './settings.ts'
import { textValue } from './text-value.ts'

/** What code gives: tests, and flags of the command line, whose text is read as in an environment variable. */
export function fromOptions(overrides: ConfigOverrides, cwd: string): Layer {
  return readTree(root, overrides, {
    nameOf: (name) => name,
    originOf: () => ({ name: 'option' }),
    give: (setting, value, origin) => {
      const meant = typeof value === 'string' ? textValue(value, setting.notes.kind) : value
      return { setting, value: meant, origin, base: cwd }
    },
  })
}
