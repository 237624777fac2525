import { type AnySchema, Ajv } from 'ajv'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

it('docs/asyncapi.json is AsyncAPI 3.0, as its own schema says', () => {
  const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json')
  const schema: AnySchema = JSON.parse(readFileSync(file, 'utf8'))
  // The schema has those of JSON schema in it: the validator's own would be second ones of the same name.
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false })
  const isValid = ajv.compile(schema)
  const text = readFileSync(new URL('../../docs/asyncapi.json', import.meta.url), 'utf8')
  expect(isValid(JSON.parse(text)), ajv.errorsText(isValid.errors)).toBe(true)
  // And it would notice.
  expect(isValid(JSON.parse(text.replace('"action": "receive"', '"action": "take"')))).toBe(false)
})
