import { type ZodType, z } from 'zod'

/** A JSON schema, draft 7: what AsyncAPI takes unless told otherwise. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** @param io `input`: what may be sent; `output`: what is then stored, with the defaults in */
export function jsonSchema(schema: ZodType, io: 'input' | 'output'): JsonSchema {
  // What JSON schema has no words for (`z.unknown()` that is transformed, say) may be anything.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io, unrepresentable: 'any' })
  return rest
}

/** An object with exactly these properties in it, and maybe others. */
export function object(properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required }
}

export const text = (description?: string): JsonSchema => ({
  type: 'string',
  ...(description && { description }),
})

export const whole = (minimum: number, description?: string): JsonSchema => ({
  type: 'integer',
  minimum,
  ...(description && { description }),
})

export const instant = (description: string): JsonSchema => ({
  type: 'string',
  format: 'date-time',
  description,
})

export const ref = (pointer: string) => ({ $ref: `#/${pointer}` })
