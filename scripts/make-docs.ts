// Writes docs/configuration.md from the configuration's schema. `test/house/docs.test.ts` fails when it is out of date.
import { writeFileSync } from 'node:fs'
import { configurationDoc } from '../src/runtime/config/document.ts'

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDoc())
