import { z } from 'zod'
import type { ConsultContext } from '../../src/commands/definition/consult-context.ts'
import { reject } from '../../src/commands/definition/decision.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'

/** What was asked outside: with which question, about which total, and when nobody waits any more. */
export interface Question extends ConsultContext {
  text: string
  total: number
}

const MOST = 100
/** The answer that makes an event which JSON cannot carry. */
export const ODD = 666

/** An aggregate that asks: what it is told is counted. Past a hundred it asks nobody. */
export function asking(outside: (question: Question) => Promise<number>) {
  return defineAggregate({
    name: 'thing',
    events: {
      'thing.added': z.object({ by: z.number() }),
      'thing.told': z.object({ by: z.number() }),
      'thing.odd': z.object({ odd: z.unknown() }),
    },
    commands: { add: z.object({ by: z.number() }), ask: z.object({ text: z.string().default('') }) },
    initial: { total: 0 },
    consult: {
      ask: async ({ total }, { text }, context) =>
        total < MOST ? await outside({ ...context, text, total }) : undefined,
    },
    decide: {
      add: (_, { by }) => ({ type: 'thing.added', data: { by } }),
      ask: ({ total }, _, __, answer) => {
        if (answer === undefined) return reject('THING_FULL', `There are ${total}`)
        if (answer === ODD) return { type: 'thing.odd', data: { odd: 1n } }
        return answer < 0
          ? reject('THING_REFUSED', `${answer} was said`)
          : { type: 'thing.told', data: { by: answer } }
      },
    },
    evolve: {
      'thing.added': ({ total }, { data }) => ({ total: total + data.by }),
      'thing.told': ({ total }, { data }) => ({ total: total + data.by }),
      'thing.odd': (state) => state,
    },
  })
}

/** An outside that answers when it is told to. */
export function holding() {
  const questions: Question[] = []
  const waiting: ((answer: number) => void)[] = []
  return {
    questions,
    outside: (question: Question) => {
      questions.push(question)
      return new Promise<number>((resolve) => waiting.push(resolve))
    },
    /** Answers all that wait now. */
    answer(by: number) {
      for (const resolve of waiting.splice(0)) resolve(by)
    },
    get waiting() {
      return waiting.length
    },
  }
}
