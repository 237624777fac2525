import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../src/runtime/embedded/ports.ts'
import { cli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'

it('a gateway that waits for its subgraphs ends in order when it is told to', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-waiting-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const url = `http://127.0.0.1:${await freePort('127.0.0.1')}/graphql`
  writeFileSync(
    join(cwd, 'headwater.toml'),
    `[gateway]\npatience_ms = 300000\n[[federation.subgraphs]]\nname = "away"\ngraphql_url = "${url}"\n`,
  )
  const gateway = startChild(process.execPath, [cli, 'gateway', '--port', '0'], { cwd, env: cleanEnv() })
  await gateway.printed(/cannot be read/)
  gateway.process.kill('SIGTERM')
  expect(await gateway.exited).toBe(0)
  expect(gateway.output()).not.toMatch(/AbortError|aborted/)
})
