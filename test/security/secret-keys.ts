import { type Node, type Setting, isCollection, isSection, root } from '../../src/runtime/config/settings.ts'

/** Every key of the schema, with those of one entry of each list and table. */
export function allSettings(node: Node = root): Setting[] {
  if (isSection(node)) return [...node.children.values()].flatMap((child) => allSettings(child))
  return isCollection(node) ? [node, ...allSettings(node.entry(node.isList ? 0 : 'Any'))] : [node]
}

/** The keys whose values are secret, or have a secret in them, as the schema says. */
export const secretKeys = (): Setting[] => allSettings().filter(({ notes }) => notes.secret !== undefined)

/** The keys that name files. */
export const fileKeys = (): Setting[] => allSettings().filter(({ notes }) => notes.path === 'file')
