/** `poolSize` → `pool_size`: the name in TOML of a key in code. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The key of what stands under this name in a table: `nats`, `tls` → `nats.tls`. */
export function under(key: string, name: string): string {
  return key === '' ? name : `${key}.${name}`
}

export const ENVIRONMENT_PREFIX = 'HEADWATER_'

/** `['postgres', 'poolSize']` → `HEADWATER_POSTGRES_POOL_SIZE` */
export function environmentName(path: readonly string[]): string {
  return ENVIRONMENT_PREFIX + path.map(snakeCase).join('_').toUpperCase()
}

/** A name in a TOML document: bare where it can be. */
export function tomlName(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)
}

/** A key for a message: as it is when it is a bare TOML key, else quoted, and never longer than a line. */
export function quoteKey(name: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64))
}
