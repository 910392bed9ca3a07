/** Steps out of a workflow file, with their expressions filled in, as a runner hands them to an action. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'

/** A step that uses an action. */
export type WorkflowStep = {
  readonly name: string
  readonly with: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** The script of a `run:` step. */
  readonly run: string
}

type Written = {
  readonly env?: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, { readonly steps: readonly WrittenStep[] }>>
}

type WrittenStep = {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, unknown>>
  readonly run?: string
}

/**
 * Reads `workflows/NAME.yml` beside this folder.
 * @param places what stands here for the addresses of the file, such as `{ 'ghcr.io/acme/app': '127.0.0.1:5000/e2e/r1' }`
 * @param values what GitHub would fill in for `${{ … }}`; `env.NAME` is known from the file
 * @returns a step by its id, or by its name where it has none
 */
export function readWorkflowFile(
  name: string,
  places: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>> = {}
): (step: string) => WorkflowStep {
  const text = readFileSync(path.join(import.meta.dirname, '../workflows', `${name}.yml`), 'utf8')
  const workflow = parse(text) as Written
  const place = (value: string): string =>
    Object.entries(places).reduce((sum, [written, here]) => sum.replaceAll(written, here), value)
  const fill = (value: unknown, known: Readonly<Record<string, string>>): string =>
    place(
      String(value).replace(/\$\{\{ *(.*?) *\}\}/g, (_, expression: string) => {
        const found = known[expression]
        if (found === undefined) throw new Error(`${name}.yml: nothing is known of ${expression}`)
        return found
      })
    )
  const fillAll = (record: Readonly<Record<string, unknown>> = {}, known = values): Record<string, string> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fill(value, known)]))
  const env = fillAll(workflow.env)
  const known = { ...values, ...Object.fromEntries(Object.entries(env).map(([key, value]) => [`env.${key}`, value])) }
  const steps = Object.values(workflow.jobs).flatMap(({ steps: of }) => of)
  return (wanted) => {
    const step = steps.find(({ id, name: title }) => (id ?? title) === wanted)
    if (step === undefined) throw new Error(`${name}.yml has no step "${wanted}"`)
    if (step.uses !== undefined && !/^docker\/(build-push|bake)-action@/.test(step.uses)) {
      throw new Error(`${name}.yml: "${wanted}" uses ${step.uses}, which this action does not stand in for`)
    }
    return {
      name: wanted,
      with: fillAll(step.with, known),
      env: { ...env, ...fillAll(step.env, known) },
      run: fill(step.run ?? '', known)
    }
  }
}
