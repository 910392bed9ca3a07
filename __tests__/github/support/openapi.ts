/** GitHub's own description of the operations we call, as a judge of requests. */
import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

type Operation = {
  readonly method: string
  readonly path: string
  readonly operationId: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly required: boolean
    readonly schema: object
  }[]
  readonly body?: { readonly properties?: Readonly<Record<string, unknown>> }
}

const { operations } = JSON.parse(readFileSync(new URL('../fixtures/openapi.json', import.meta.url), 'utf8')) as {
  readonly operations: readonly Operation[]
}

// Parameters arrive as text: `?per_page=100` is an integer.
const ajv = new Ajv({ strict: false, coerceTypes: true, validateFormats: false })
const ajvOfBodies = new Ajv({ strict: false, validateFormats: false })

const judges = operations.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  parameters: operation.parameters.map(({ schema, ...parameter }) => ({
    ...parameter,
    check: ajv.compile({ type: 'object', properties: { value: schema } })
  })),
  // The description lets a body have more than it names; GitHub then ignores it, and so would a typing mistake be.
  body:
    operation.body === undefined ? undefined : ajvOfBodies.compile({ ...operation.body, additionalProperties: false })
}))

/** What is wrong with a request, by the description; empty for a good one. `path` is without host and prefix. */
export function findFaults(method: string, url: URL, body: unknown): readonly string[] {
  const judge = judges.find(({ operation, pattern }) => operation.method === method && pattern.test(url.pathname))
  if (judge === undefined) return [`${method} ${url.pathname}: no operation that is described`]
  const { operation, pattern, parameters, body: checkBody } = judge
  const values = pattern.exec(url.pathname)?.groups ?? {}
  const known = new Set(parameters.filter(({ in: place }) => place === 'query').map(({ name }) => name))
  return [
    ...parameters.flatMap(({ name, in: place, required, check }) => {
      const value = place === 'path' ? values[name] : url.searchParams.get(name)
      if (value === null || value === undefined) return required ? [`${operation.operationId}: ${name} is missing`] : []
      return check({ value: decodeURIComponent(value) })
        ? []
        : [`${operation.operationId}: ${name} is wrong: ${told(check)}`]
    }),
    ...[...url.searchParams.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `${operation.operationId}: ${name} is unknown`),
    ...(checkBody === undefined
      ? body === undefined
        ? []
        : [`${operation.operationId}: takes no body`]
      : checkBody(body)
        ? []
        : [`${operation.operationId}: body is wrong: ${told(checkBody)}`])
  ]
}

function told(check: ValidateFunction): string {
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`).join(', ')
}
