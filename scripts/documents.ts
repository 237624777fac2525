import { configurationDoc } from '../src/runtime/config/document.ts'
import { errorsDoc } from './errors/document.ts'
import { domainCodes } from './errors/domain-codes.ts'
import { readCodes } from './errors/read-codes.ts'
import { withProgram } from './program.ts'

/** Every document that is made from the sources: its text, by its path from the root of the repository. */
export function documents(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', configurationDoc()],
    ['docs/errors.md', errorsDoc(withProgram((program) => domainCodes(readCodes(program))))],
  ])
}
