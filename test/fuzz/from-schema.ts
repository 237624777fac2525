import * as fc from 'fast-check'
import { type ZodType, z } from 'zod'
import { oddNumber, oddText, oddValue } from './hostile.ts'

const Node = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minLength: z.number().optional(),
  minItems: z.number().optional(),
  minimum: z.number().optional(),
})

/** One value in so many is not what the schema wants: with more of them hardly anything would get past it. */
const ODDLY = 24

/** Values that mostly fit a zod schema, so that they get past it, with some in them that do not. */
export function nearly(schema: ZodType): fc.Arbitrary<unknown> {
  return arbitrary(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

function arbitrary(json: unknown): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: ODDLY, arbitrary: fitting(json) }, { weight: 1, arbitrary: oddValue })
}

function fitting(json: unknown): fc.Arbitrary<unknown> {
  const node = Node.parse(typeof json === 'object' ? json : {})
  if (Array.isArray(node.type)) return fc.oneof(...node.type.map((type) => arbitrary({ ...node, type })))
  if (node.const !== undefined) return fc.constant(node.const)
  if (node.enum) return fc.constantFrom(...node.enum)
  if (node.anyOf) return fc.oneof(...node.anyOf.map(arbitrary))
  if (node.type === 'object')
    return fc.record(
      Object.fromEntries(
        Object.entries(node.properties ?? {}).map(([name, inner]) => [name, arbitrary(inner)]),
      ),
    )
  if (node.type === 'array')
    return fc.array(arbitrary(node.items), {
      minLength: node.minItems ?? 0,
      maxLength: (node.minItems ?? 0) + 2,
    })
  if (node.type === 'string') return text(node)
  if (node.type === 'integer' || node.type === 'number')
    return fc.oneof(fc.integer({ min: node.minimum ?? -1000, max: 1000 }), oddNumber)
  return node.type === 'boolean' ? fc.boolean() : oddValue
}

function text({ pattern, format, minLength = 0 }: z.output<typeof Node>): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: 20 })
  return fc.oneof(fc.string({ minLength, maxLength: minLength + 10 }), oddText)
}
