/** `poolSize` → `pool_size`: the name in TOML of a key in code. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `['postgres', 'poolSize']` → `postgres.pool_size` */
export function keyOf(path: readonly string[]): string {
  return path.map(snakeCase).join('.')
}

export const ENVIRONMENT_PREFIX = 'HEADWATER_'

/** `['postgres', 'poolSize']` → `HEADWATER_POSTGRES_POOL_SIZE` */
export function environmentName(path: readonly string[]): string {
  return ENVIRONMENT_PREFIX + path.map(snakeCase).join('_').toUpperCase()
}

/** A key for a message: as it is when it is a bare TOML key, else quoted, and never longer than a line. */
export function quoteKey(name: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64))
}
