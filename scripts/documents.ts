import { configurationDoc } from '../src/runtime/config/document.ts'
import { loadContexts } from '../src/runtime/load-contexts.ts'
import { apiDoc } from './api/document.ts'
import { exportsOf } from './api/exports.ts'
import { asyncapiDoc } from './asyncapi/document.ts'
import { errorsDoc } from './errors/document.ts'
import { domainCodes } from './errors/domain-codes.ts'
import { readCodes } from './errors/read-codes.ts'
import { licencesDocument } from './licences/document.ts'
import { withProgram } from './program.ts'
import { schemaFiles } from './schema.ts'

/** Every document that is made from the sources: its text, by its path from the root of the repository. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const loaded = await loadContexts({ modules: [], builtin: true, serve: [] })
  // Whatever loads the module of the contexts, these may come in any order.
  const contexts = loaded.toSorted((a, b) => a.name.localeCompare(b.name))
  const [api, errors] = withProgram((program) => [
    apiDoc(exportsOf(program)),
    errorsDoc(domainCodes(readCodes(program))),
  ])
  return new Map([
    ['docs/configuration.md', configurationDoc()],
    ['docs/api.md', api],
    ['docs/errors.md', errors],
    ['docs/asyncapi.json', asyncapiDoc(contexts)],
    ['docs/licences.md', licencesDocument()],
    ...schemaFiles(contexts),
  ])
}
