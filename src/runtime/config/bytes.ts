/** In bytes. As in nats-server.conf and PostgreSQL, KB and MB are powers of 1024. */
export const KB = 1024
export const MB = 1024 * KB

const FACTORS = { '': 1, B: 1, KB, MB, GB: 1024 * MB }
const SIZE = /^(\d{1,15}) ?(B|KB|MB|GB|)$/i

/** `'512KB'` → 524288; undefined for what is not a size. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit] = SIZE.exec(text) ?? []
  if (digits === undefined || unit === undefined) return undefined
  const factor = Object.entries(FACTORS).find(([name]) => name === unit.toUpperCase())?.[1]
  return factor === undefined ? undefined : Number(digits) * factor
}

/** 524288 → `512KB`: the largest unit that is exact. */
export function formatBytes(bytes: number): string {
  if (bytes > 0 && bytes % MB === 0) return `${bytes / MB}MB`
  if (bytes > 0 && bytes % KB === 0) return `${bytes / KB}KB`
  return `${bytes}`
}
