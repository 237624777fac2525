import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { advice } from '../../src/cli/sagas-advice.ts'
import { Transition, timeline } from '../../src/cli/sagas-timeline.ts'
import { runCli } from '../support/child.ts'
import { startTestService } from '../support/service.ts'
import { trade } from '../sagas/graph-support.ts'
import { until } from '../support/until.ts'

let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  service = await startTestService({ contexts: [trade] })
  await send('stock', 'pen', 'fill', { left: 100 })
})
afterAll(() => service.stop())

const send = (aggregate: string, id: string, command: string, data: object = {}) =>
  service.sender.send({
    aggregate,
    id,
    command,
    data,
    ...(command === 'start' && { wait: 'completed' as const }),
  })

const cli = async (args: string[], env: Record<string, string> = {}) => {
  const options = { cwd: service.folder, env: { ...service.env, ...env } }
  const { code, stdout, stderr } = await runCli(['sagas', ...args], options)
  return { code, stderr, out: stdout === '' ? undefined : JSON.parse(stdout) }
}

/** An address at which no PostgreSQL is. */
const NO_POSTGRES = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }

describe('headwater sagas show', () => {
  it('tells what a saga did, out of its log, while PostgreSQL is down', async () => {
    await send('purchase', 'b-nowhere', 'start', { things: ['pen'] })
    const { code, out } = await cli(['show', 'b-nowhere', '--json'], NO_POSTGRES)
    expect(code).toBe(0)
    expect(out).toMatchObject({
      name: 'purchase',
      id: 'b-nowhere',
      status: 'COMPENSATED',
      reason: { code: 'NO_SUCH_PLACE' },
      compensations: [{ name: 'pay' }, { name: 'reserve' }],
    })
    const transitions = z.array(Transition).parse(out.transitions)
    const lines = timeline(transitions)
    expect(lines.map((line) => line.slice(36))).toEqual([
      expect.stringMatching(/^started +definition 1: \{"things":\["pen"\]/),
      expect.stringMatching(/^step-started +reserve +1 +sends stock\.pen\.reserve$/),
      expect.stringMatching(/^step-succeeded +reserve +1 +stock pen v\d+$/),
      expect.stringMatching(/^step-started +pay +1 +sends purse\.till\.pay$/),
      expect.stringMatching(/^step-succeeded +pay +1 +purse till v\d+$/),
      expect.stringMatching(/^step-started +send +1 +sends parcel\.b-nowhere\.send$/),
      expect.stringMatching(/^step-failed +send +1 +NO_SUCH_PLACE: nobody lives there$/),
      expect.stringMatching(/^compensating +send +NO_SUCH_PLACE: nobody lives there$/),
      expect.stringMatching(/^compensation-started +pay +1 +sends purse\.till\.repay$/),
      expect.stringMatching(/^compensation-succeeded +pay +1 +purse till v\d+$/),
      expect.stringMatching(/^compensation-started +reserve +1 +sends stock\.pen\.release$/),
      expect.stringMatching(/^compensation-succeeded +reserve +1 +stock pen v\d+$/),
      expect.stringMatching(/^compensated +NO_SUCH_PLACE: nobody lives there$/),
    ])
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z +\+0\.000 {2}started/)
  })

  it('says what a saga waits for, and what a person can do', () => {
    const step = {
      name: 'approve',
      status: 'WAITING',
      attempts: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: null,
      error: null,
      waitsFor: 'DECISION' as const,
      until: '2026-01-02T00:00:00.000Z',
    }
    const saga = {
      name: 'approval',
      saga_id: 'a-1',
      compensations: [],
      reason: null,
      current_step: 'approve',
    }
    const waiting = advice({ ...saga, status: 'RUNNING', steps: [step] }).join('\n')
    expect(waiting).toContain('approve waits for a decision until 2026-01-02T00:00:00.000Z')
    expect(waiting).toContain("headwater sagas signal a-1 approve '<JSON>' --name approval")
    expect(waiting).toContain('headwater sagas abandon a-1 --name approval')
    const reason = { code: 'COMPENSATION_FAILED', detail: 'CLOSED: no' }
    const parked = advice({ ...saga, status: 'PARKED', steps: [], reason }).join('\n')
    expect(parked).toContain('COMPENSATION_FAILED: CLOSED: no')
    expect(parked).toContain('headwater sagas resume a-1 --done')
    const again = {
      ...step,
      status: 'RETRYING',
      waitsFor: 'RETRY' as const,
      error: { code: 'DOWN', detail: 'x', status: 503 },
    }
    expect(advice({ ...saga, status: 'RUNNING', steps: [again] })[0]).toContain('DOWN: x')
    expect(advice({ ...saga, status: 'COMPLETED', steps: [] })).toEqual([
      'It has ended: there is nothing to do.',
    ])
  })

  it('lets no text of others write to the terminal what it likes', () => {
    const hostile = { version: 1, time: '2026-01-01T00:00:00.000Z', transition: 'step-failed' }
    const [line] = timeline([{ ...hostile, detail: 'NO: \u001b[2J\nall is well' }])
    expect(line).toMatch(/NO: \[2J all is well$/)
  })

  it('asks for the name where two sagas have the id, and says what there is not', async () => {
    await send('purchase', 'same', 'start', { things: ['pen'] })
    await service.sender.send({ aggregate: 'approval', id: 'same', command: 'start', data: { amount: 1 } })
    const ambiguous = await cli(['show', 'same'])
    expect(ambiguous).toMatchObject({ code: 1, stderr: expect.stringContaining('SAGA_AMBIGUOUS') })
    expect((await cli(['show', 'same', '--name', 'approval'])).out).toMatchObject({
      name: 'approval',
      status: 'RUNNING',
      steps: [{ name: 'approve', waitsFor: 'DECISION' }],
    })
    expect((await cli(['show', 'nobody'])).stderr).toContain('SAGA_NOT_FOUND')
    expect((await cli(['show', 'same', '--name', 'stock'])).stderr).toContain('UNKNOWN_SAGA')
    expect((await cli(['show', 'a.b'])).stderr).toContain('INVALID_ID')
  })
})

describe('headwater sagas', () => {
  it('list finds them by name and status', async () => {
    await send('purchase', 'stuck-nowhere', 'start', { things: ['pen'] })
    const rows = await until('the parked one to be in the table', async () => {
      const { out } = await cli(['list', '--name', 'purchase', '--status', 'parked', '--json'])
      return out.length > 0 && out
    })
    expect(rows).toMatchObject([
      {
        name: 'purchase',
        id: 'stuck-nowhere',
        status: 'PARKED',
        currentStep: 'pay',
        finishedAt: null,
        reason: { code: 'COMPENSATION_FAILED', detail: 'CLOSED: the purse is closed' },
      },
    ])
    expect((await cli(['list', '--limit', '1', '--json'])).out).toHaveLength(1)
    expect((await cli(['list', '--status', 'lost'])).stderr).toContain('one of running')
  })

  it('signal decides, by the id alone; a decision that does not fit is refused with exit code 1', async () => {
    await service.sender.send({ aggregate: 'approval', id: 's-1', command: 'start', data: { amount: 3 } })
    const refused = await cli(['signal', 's-1', 'approve', '{"by":7}'])
    expect(refused).toMatchObject({ code: 1, out: { ok: false, code: 'INVALID_SIGNAL' } })
    const decided = await cli(['signal', 's-1', 'approve', '{"by":"Ana"}'])
    expect(decided).toMatchObject({ code: 0, out: { ok: true, aggregate: 'approval', id: 's-1' } })
    const { transitions } = (await cli(['show', 's-1'])).out
    expect(transitions).toContainEqual(
      expect.objectContaining({ transition: 'signalled', step: 'approve', detail: '{"by":"Ana"}' }),
    )
    expect((await cli(['signal', 's-1', 'approve', '{'])).stderr).toContain('MALFORMED_JSON')
  })

  it('resume goes on with a parked one, and abandon ends it', async () => {
    for (const id of ['stuck-nowhere-r', 'stuck-nowhere-a'])
      await send('purchase', id, 'start', { things: ['pen'] })
    expect(await cli(['resume', 'stuck-nowhere-r', '--done'])).toMatchObject({ code: 0, out: { ok: true } })
    await until(
      'it to be compensated',
      async () => (await cli(['show', 'stuck-nowhere-r'])).out.status === 'COMPENSATED',
    )
    expect(await cli(['abandon', 'stuck-nowhere-a', '--reason', 'so be it'])).toMatchObject({ code: 0 })
    expect((await cli(['show', 'stuck-nowhere-a'])).out).toMatchObject({
      status: 'ABANDONED',
      reason: { code: 'SAGA_ABANDONED', detail: 'so be it' },
    })
    expect(await cli(['abandon', 'stuck-nowhere-a'])).toMatchObject({ code: 1, out: { code: 'SAGA_ENDED' } })
  })

  it('has its commands in the help', async () => {
    const { stdout } = await runCli(['sagas', '--help'], { cwd: service.folder, env: service.env })
    for (const command of ['list', 'show', 'signal', 'resume', 'abandon']) expect(stdout).toContain(command)
  })
})

it('headwater command --wait answers with how the saga ended', async () => {
  const run = async (id: string) => {
    const args = ['command', 'purchase', id, 'start', '{"things":["pen"]}', '--wait']
    const { code, stdout } = await runCli(args, { cwd: service.folder, env: service.env })
    return { code, out: JSON.parse(stdout) }
  }
  expect(await run('w-1')).toMatchObject({ code: 0, out: { ok: true, saga: { status: 'completed' } } })
  expect(await run('w-nowhere')).toMatchObject({
    code: 1,
    out: {
      code: 'NO_SUCH_PLACE',
      saga: { status: 'compensated', step: 'send', compensated: ['pay', 'reserve'] },
    },
  })
})
