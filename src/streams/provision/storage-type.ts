import { StorageType } from '@nats-io/jetstream'

/** Where JetStream keeps something, as the configuration says it. */
export type Storage = 'file' | 'memory'

/** The same as NATS says it. */
export function storageType(storage: Storage): StorageType {
  return storage === 'file' ? StorageType.File : StorageType.Memory
}
