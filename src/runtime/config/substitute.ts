export type Environment = Readonly<Record<string, string | undefined>>

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const PLACE = /\$\$\{|\$\{([^}]*)(\}?)/g

/**
 * Puts environment variables in for `${NAME}`; `$${` stands for a plain `${`. A variable that is empty counts as not set.
 * @returns the text and what was wrong with it, in words
 */
export function substitute(text: string, env: Environment): { text: string; wrong: string[] } {
  const wrong: string[] = []
  const replaced = text.replace(PLACE, (_place: string, name: string | undefined, end: string) => {
    if (name === undefined) return '${'
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (end === '') wrong.push('has a ${ without its } (write $${ for a plain ${)')
    else if (!NAME.test(name))
      wrong.push('has a ${…} that names no environment variable (write $${ for a plain ${)')
    else if (!value) wrong.push(`uses \${${name}}, but this environment variable is not set`)
    return value ?? ''
  })
  return { text: replaced, wrong }
}
