/** Attacks on the gate: tests that are replaced, and tests that run nothing. */
import { parseDockerfile } from '../../src/dockerfile/index.js'
import { checkStages } from '../../src/inputs/stages.js'
import type { Area } from './area.js'

const problemsOf = (text: string, buildContexts: readonly string[] = []) =>
  checkStages(parseDockerfile(text), {
    ...{ tests: ['test'], target: '', gateOnly: false, shape: { buildArgs: [], buildContexts } }
  }).problems

const knownNames = ['test', 'TEST', 'test::linux/amd64', 'docker.io/library/test', 'lint:latest', 'stagegate-gate-2']

const contexts: Area = {
  name: 'a named context in the place of a test',
  doors: knownNames.length,
  attack(index, pick) {
    const stage = pick(['test', 'Test', 'lint', 'LINT', 'base', 'stagegate-gate'])
    const random = `${pick(['', 'docker.io/', 'index.docker.io/library/', 'docker.io/library/'])}${stage}${pick(['', ':latest'])}${pick(['', '::linux/amd64', '::linux/arm64/v8', '::windows/amd64'])}`
    const name = knownNames[index] ?? random
    const text = 'FROM a AS base\nFROM base AS lint\nRUN x\nFROM lint AS test\nRUN y\nFROM base\nCOPY . .'
    const problems = problemsOf(text, [`${name}=${pick(['docker-image://x', 'ctx', 'https://x.test/a.git'])}`])
    return problems.some(({ input }) => input === 'build-contexts') ? undefined : name
  }
}

const knownRuns = [
  'RUN :',
  'RUN # pytest',
  'RUN --mount=type=cache,target=/x',
  'RUN <<EOF\nEOF',
  'CMD pytest',
  'LABEL a=b'
]

const idle: Area = {
  name: 'a test stage that runs nothing',
  doors: knownRuns.length,
  attack(index, pick) {
    const flags = pick(['', '--network=none ', '--mount=type=cache,target=/x ', '--mount="type=bind,from=base" '])
    const one = () =>
      pick([
        `RUN ${flags}#${pick(['', ' pytest', '! /bin/sh'])}`,
        `RUN ${flags}${pick([':', ''])}`,
        `RUN ${flags}\\\n# pytest\n  :`,
        `RUN ${flags}<<${pick(['', '-'])}EOF\n${pick(['', '\n', '# pytest\n', '\t:\n', '#!/bin/sh\n# pytest\n'])}EOF`,
        `${pick(['CMD', 'ENTRYPOINT', 'HEALTHCHECK CMD', 'ONBUILD RUN'])} pytest`,
        'COPY <<EOF /x\nRUN pytest\nEOF'
      ])
    const body = knownRuns[index] ?? Array.from({ length: pick([1, 2, 3]) }, one).join('\n')
    const text = `FROM a AS base\nRUN x\nFROM base AS test\n${body}\nFROM base\nCOPY . .`
    return problemsOf(text).length > 0 ? undefined : body
  }
}

export const gates: readonly Area[] = [contexts, idle]
