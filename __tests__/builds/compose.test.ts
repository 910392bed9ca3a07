/** Which compose files have bake read others. Each of the ways was seen to do so with buildx 0.29. */
import { expect, test } from '@jest/globals'
import { readsOthers, writesOthers } from '../../src/builds/compose.js'

const service = (more: string): string => `services:\n  app:\n    build: { context: ., args: [TOKEN] }\n${more}`
const word = 'env_file'

test.each([
  ['as it is', `    ${word}: [/root/.npmrc]`],
  ['in quotes', `    "${word}": [/root/.npmrc]`],
  ['as a long key', `    ? ${word}\n    : [/root/.npmrc]`],
  ['in a flow', `    x: {${word}: /root/.npmrc}`],
  ['with an escape', '    "env\\u005ffile": [/root/.npmrc]'],
  ['with a short escape', '    "env\\x5ffile": [/root/.npmrc]'],
  ['over two lines', '    "env_\\\n  file": [/root/.npmrc]'],
  ['as binary', '    !!binary "ZW52X2ZpbGU=": [/root/.npmrc]'],
  ['with a tag in full', '    !<tag:yaml.org,2002:binary> ZW52X2ZpbGU=: [/root/.npmrc]'],
  ['through another file', '    extends: { file: /root/x.yaml, service: a }'],
  ['through a file that is included', 'include: [{ path: a.yaml, env_file: /root/.npmrc }]']
])('%s', (_, more) => {
  expect(readsOthers('compose.yaml', service(more))).toBe(true)
  expect(readsOthers('docker-bake', service(more))).toBe(true)
})

test('in UTF-16', () => {
  expect(readsOthers('a.yml', Buffer.from(service(`    ${word}: /x`), 'utf16le').toString('latin1'))).toBe(true)
})

test.each([
  ['plain', ''],
  ['with a command', '    command: ["sh", "-c", "echo \\"done!\\" \\\\n"] # Careful!'],
  ['with names that are like it', '    environment: { MY_env_file: a, include-all: b }']
])('%s: it does not', (_, more) => {
  expect(readsOthers('compose.yaml', service(more))).toBe(false)
})

test('a bake file of its own kind names no other', () => {
  expect(readsOthers('docker-bake.hcl', 'target "a" { args = { A = "\\u0041 include" } }')).toBe(false)
})

test.each([
  ['a file', 'docker-bake.hcl', 'target "a" { output = ["type=tar,dest=/x"] }'],
  ['a folder', 'docker-bake.hcl', 'target "a" { output = ["out"] }'],
  ['a word in pieces', 'docker-bake.hcl', 'target "a" { output = ["type=tar,de${"st"}=/x"] }'],
  ['a choice', 'docker-bake.hcl', 'target "a" {\n output = [] == [] ? ["type=tar,dest=/x"] : []\n}'],
  ['another target’s', 'docker-bake.hcl', 'target "a" { output = target.b.output }'],
  ['an object', 'docker-bake.hcl', 'target "a" { output = [{ type = "oci", dest = "/x" }] }'],
  ['JSON', 'docker-bake.json', '{"target":{"a":{"output":["type=tar,dest=/x"]}}}'],
  ['JSON with an escape', 'docker-bake.json', '{"target":{"a":{"\\u006futput":["type=tar,dest=/x"]}}}'],
  ['compose', 'compose.yaml', 'services: { a: { build: { x-bake: { output: type=tar,dest=/x } } } }'],
  ['compose in disguise', 'compose.yaml', 'services: { a: { build: { x-bake: { "\\x6futput": type=tar } } } }']
])('an output may write a file: %s', (_, name, text) => {
  expect(writesOthers(name, text)).toBe(true)
})

test.each([
  ['none', 'docker-bake.hcl', 'target "a" { args = { A = "\\u0041" } }'],
  ['nothing', 'docker-bake.hcl', 'target "a" { output = ["type=cacheonly"] }'],
  [
    'to a registry',
    'docker-bake.hcl',
    'target "a" {\n  output = [\n    "type=registry",\n    "type=image,push=true"\n  ]\n}'
  ],
  ['an object', 'docker-bake.hcl', 'target "a" { output = [{ type = "cacheonly" }] }'],
  ['JSON', 'docker-bake.json', '{"target":{"a":{"output":["type=cacheonly"],"context":"."}}}'],
  ['compose', 'compose.yaml', 'services: { a: { build: . } }']
])('an output writes no file: %s', (_, name, text) => {
  expect(writesOthers(name, text)).toBe(false)
})
