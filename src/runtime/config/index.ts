export {
  configEntries,
  configReference,
  configSections,
  type EntryReference,
  type ReferenceRow,
} from './reference.ts'
export { configToml } from './toml.ts'
export { ConfigurationError } from './error.ts'
export { describeConfig, type ConfigRow } from './describe.ts'
export { FILE_VARIABLE } from './from-environment.ts'
export { DEFAULT_FILE } from './from-file.ts'
export { loadConfig, type LoadedConfig, type LoadOptions } from './load.ts'
export { MASK, maskUrl } from './mask.ts'
export { LOG_FORMATS, LOG_LEVELS } from './sections/log.ts'
export type { Config, ConfigOverrides } from './schema.ts'
export type { Origin } from './given.ts'
