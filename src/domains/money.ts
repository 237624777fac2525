import { z } from 'zod'

/** Money is a decimal string with two digits after the point: never a float. `12.50` */
export const Money = z
  .string()
  .regex(/^\d{1,13}\.\d{2}$/, 'must be an amount with two decimals, such as "12.50"')

/** An ISO 4217 code. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'must be a currency code, such as "EUR"')

/** The amount in hundredths. */
export function cents(amount: string): bigint {
  return BigInt(amount.replace('.', ''))
}

/** Hundredths as an amount: `1250n` is `12.50`. */
export function money(amount: bigint): string {
  const digits = amount.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}
