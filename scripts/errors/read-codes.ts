import type { Node, ObjectLiteralExpression } from 'typescript/unstable/ast'
import {
  isCallExpression,
  isIdentifier,
  isNewExpression,
  isNumericLiteral,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isTemplateExpression,
} from 'typescript/unstable/ast/is'
import type { Checker } from 'typescript/unstable/sync'
import { type Program, nodesIn } from '../program.ts'
import { numberOfType, textsOf, textsOfType } from './literals.ts'

/** A place in the sources that gives an error its code. */
export interface FoundCode {
  readonly code: string
  /** Undefined where the place does not say it by itself. */
  readonly status: number | undefined
  /** The path from `src`. */
  readonly file: string
  /** The expression of the sentence that goes with it. */
  readonly detail?: Node | undefined
}

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/
/** `reject` answers this unless it is told another; see src/commands/decision.ts. */
const REJECTED = 422

/**
 * Every code that the sources give to an error, with the status beside it: in an object with `code` and maybe `status`, as
 * errors, problems and extensions are made of; in a call of `reject`; and in a call of a function with a parameter `code`.
 */
export function readCodes({ checker, files }: Program): FoundCode[] {
  return [...files].flatMap(([file, source]) => {
    const nodes = [...nodesIn(source)]
    const objects = nodes.filter(isObjectLiteralExpression)
    const shared = new Set(objects.flatMap((object) => statusOfAny(checker, object) ?? []))
    const status = shared.size === 1 ? [...shared][0] : undefined
    const found = [
      ...objects.flatMap((object) => codesOfObject(checker, object)),
      ...nodes.flatMap((node) => codesOfCall(checker, node, status)),
    ]
    return found.filter(({ code }) => CODE.test(code)).map((one) => ({ ...one, file }))
  })
}

type Found = Omit<FoundCode, 'file'>

function codesOfObject(checker: Checker, object: ObjectLiteralExpression): Found[] {
  const { code, status, detail } = valuesOf(object)
  if (!code) return []
  const codes = textsOf(checker, code)
  // Whatever is passed on has its code from elsewhere; a text that is put together here would be a code that nobody can look up.
  if (!codes && isTemplateExpression(code))
    throw new Error(`The codes that ${code.getText()} stands for cannot be told`)
  return (codes ?? []).map((one) => ({ code: one, status: status && numberAt(checker, status), detail }))
}

/** The status in an object that takes its code, whatever it is, from a parameter: the functions that make refusals of one kind. */
function statusOfAny(checker: Checker, object: ObjectLiteralExpression): number | undefined {
  const { code, status } = valuesOf(object)
  if (!code || !status || !isIdentifier(code) || textsOf(checker, code)) return undefined
  return numberAt(checker, status)
}

function codesOfCall(checker: Checker, node: Node, shared: number | undefined): Found[] {
  if (!isCallExpression(node) && !isNewExpression(node)) return []
  const { expression, arguments: given } = node
  const [first, second, third] = given ?? []
  if (!first) return []
  if (isIdentifier(expression) && expression.text === 'reject') {
    const status = third === undefined ? REJECTED : numberAt(checker, third)
    return (textsOf(checker, first) ?? []).map((code) => ({ code, status, detail: second }))
  }
  const at =
    checker
      .getResolvedSignature(node)
      ?.getParameters()
      .findIndex(({ name }) => name === 'code') ?? -1
  const argument = given?.[at]
  if (!argument) return []
  // A union of texts says it where it is declared, and with it its status.
  const isAny = !textsOfType(checker.getContextualType(argument))
  return (textsOf(checker, argument) ?? []).map((code) => ({ code, status: isAny ? shared : undefined }))
}

/** The expressions of an object's values, by key. */
function valuesOf(object: ObjectLiteralExpression): Partial<Record<string, Node>> {
  return Object.fromEntries(object.properties.flatMap(entryOf))
}

function entryOf(property: ObjectLiteralExpression['properties'][number]): [string, Node][] {
  if (isShorthandPropertyAssignment(property) && isIdentifier(property.name)) {
    return [[property.name.text, property.name]]
  }
  if (!isPropertyAssignment(property) || !isIdentifier(property.name)) return []
  return [[property.name.text, property.initializer]]
}

function numberAt(checker: Checker, node: Node): number | undefined {
  return isNumericLiteral(node) ? Number(node.text) : numberOfType(checker.getTypeAtLocation(node))
}

/** A text of the kernel that looks like a code: upper case, in two words or more. */
export function readMentions({ files }: Program): { text: string; file: string }[] {
  return [...files].flatMap(([file, source]) =>
    [...nodesIn(source)]
      .filter(isStringLiteral)
      .filter(({ text }) => CODE.test(text) && text.includes('_'))
      .map(({ text }) => ({ text, file })),
  )
}
