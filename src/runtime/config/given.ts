import type { Setting } from './settings.ts'

/** Where a value was written: `default`, `option`, the file as it was named, or the environment variable. */
export interface Origin {
  readonly name: string
  /** 1-based, in a file. */
  readonly line?: number
}

/** A value somebody gave, not yet checked. */
export interface Given {
  readonly setting: Setting
  readonly value: unknown
  readonly origin: Origin
  /** The folder that relative paths in it start from. */
  readonly base: string
  /** What errors show in place of the value: the text before `${VAR}` became something that may be secret. */
  readonly written?: string
}

/** `path` is a key (`http.port`) or the name of an environment variable. `message` holds no secret. */
export interface Problem {
  readonly path: string
  readonly message: string
  readonly origin?: Origin
}

/** All that one place says. */
export interface Layer {
  readonly given: readonly Given[]
  readonly problems: readonly Problem[]
}

/** `headwater.toml:4` */
export function originText({ name, line }: Origin): string {
  return line === undefined ? name : `${name}:${line}`
}
