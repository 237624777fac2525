// The YAML that compose.yaml is written in: maps by indentation, texts, lists on one line, anchors, merges. Anything else is
// refused, so that what is read here means the same to every YAML reader.

export type Yaml = string | null | Yaml[] | { [key: string]: Yaml }

interface Line {
  indent: number
  key: string
  value: string
}

/** @throws Error with the line that is not of this subset */
export function parseYaml(text: string): { [key: string]: Yaml } {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map(parseLine)
  const anchors = new Map<string, Yaml>()

  function mapAt(indent: number): { [key: string]: Yaml } {
    const merged: { [key: string]: Yaml } = {}
    const own: { [key: string]: Yaml } = {}
    for (let line = lines[0]; line?.indent === indent; line = lines[0]) {
      lines.shift()
      const [, anchor, rest = ''] = /^(?:&(\w+)\s*)?(.*)$/.exec(line.value) ?? []
      const value = rest === '' ? blockAfter(indent) : inline(rest)
      if (anchor !== undefined) anchors.set(anchor, value)
      if (line.key === '<<' && isMap(value)) Object.assign(merged, value)
      else if (Object.hasOwn(own, line.key)) throw new Error(`${line.key} is there twice`)
      else own[line.key] = value
    }
    const [next] = lines
    if (next && next.indent > indent)
      throw new Error(`${next.key} is indented by ${next.indent}, not ${indent}`)
    return { ...merged, ...own }
  }

  function blockAfter(indent: number): Yaml {
    const [next] = lines
    return next && next.indent > indent ? mapAt(next.indent) : null
  }

  function inline(value: string): Yaml {
    if (value.startsWith('*')) return anchors.get(value.slice(1)) ?? fail(value)
    if (!value.startsWith('[')) return scalar(value)
    const inner = /^\[(.*)\]$/.exec(value)?.[1] ?? fail(value)
    return (inner.match(/'[^']*'|[^,\s][^,]*/g) ?? []).map((item) => scalar(item.trim()))
  }

  const map = mapAt(0)
  return lines[0] ? fail(lines[0].key) : map
}

export const isMap = (value: Yaml | undefined): value is { [key: string]: Yaml } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseLine(line: string): Line {
  const [, space = '', key, value = ''] = /^( *)([\w.<-]+):(?: +(\S.*))?$/.exec(line) ?? []
  return key === undefined ? fail(line) : { indent: space.length, key, value }
}

function scalar(text: string): string {
  const quoted = /^'([^']*)'$/.exec(text)?.[1]
  if (quoted !== undefined) return quoted
  // What YAML reads as something else, or as the end of a text.
  return /^['"{}[\]&*!|>%@`]| #|: |^(yes|no|on|off|null|~)$/i.test(text) ? fail(text) : text
}

function fail(what: string): never {
  throw new Error(`This is not in the subset of YAML that is read here: ${what}`)
}
