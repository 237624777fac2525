/** A part of the document: what belongs to one aggregate, event or command. */
export interface Part {
  readonly schemas: Readonly<Record<string, object>>
  readonly messages: Readonly<Record<string, object>>
  readonly channels: Readonly<Record<string, object>>
  readonly operations: Readonly<Record<string, object>>
}

/** Throws when two parts have something of one name: neither may take the other's place. */
export function together(parts: readonly Part[]): Part {
  const merged = (key: keyof Part) => {
    const entries = parts.flatMap((part) => Object.entries(part[key]))
    const names = entries.map(([name]) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new Error(`Two ${key} of the document are called ${twice}`)
    return Object.fromEntries(entries)
  }
  return {
    schemas: merged('schemas'),
    messages: merged('messages'),
    channels: merged('channels'),
    operations: merged('operations'),
  }
}
