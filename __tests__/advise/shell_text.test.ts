/** Shell scripts as far as advice reads them. */
import { expect, test } from '@jest/globals'
import { hidesFailure, plainScript } from '../../src/advise/shell_text.js'

test.each<[string, boolean]>([
  ['mypy', false],
  ['mypy\npytest', true],
  ['mypy &&\n\npytest', false],
  ['mypy || exit 1\npytest', false],
  ['mypy || { echo no; exit 1; }\npytest', false],
  ['mypy || { echo no; }\npytest', true],
  ['mypy || (echo no; exit 1) || exit\npytest', false],
  ['if mypy; then pytest; else exit 1; fi', false],
  ['if mypy; then pytest; fi\necho done', true],
  ['if a; then mypy; elif b; then pytest; fi || exit 1\necho done', false],
  ['while read each; do pytest $each; done < tests', true],
  ['for each in a b; do pytest $each || exit 1; done', false],
  ['for each do pytest $each || exit 1; done\npytest', false],
  ['case $A in\n  a|b) mypy ;;\n  (c) pytest ;;\nesac', false],
  ['case $A in a) mypy; pytest;; esac', true],
  ['case $A in a) ;; esac\npytest', false],
  ['check() { mypy; }\ncheck', false],
  ['function check { mypy; pytest; }\ncheck', true],
  ['(cd app && mypy)\npytest', true],
  ['! mypy', false],
  ['constructor', false],
  ['mypy & pytest', true],
  ['echo "$(mypy; pytest)"', false]
])('a failure is hidden in %j: %j', (script, isHidden) => {
  expect(hidesFailure(script)).toBe(isHidden)
})

test.each([
  ['echo "a | b" | wc # c | d', 'echo _ | wc '],
  ["x='$(a'; y", 'x=_; y'],
  ['echo $(a | "$(b ")" | c)") | d', 'echo _ | d'],
  ['echo ${A:-${B}|c} a#b', 'echo _ a#b'],
  ['echo \\| b \\\n c', 'echo _ b   c'],
  ['echo "open', 'echo _']
])('what only makes up words is taken out of %j', (script, plain) => {
  expect(plainScript(script)).toBe(plain)
})

test.each(['(', '( ', '$(', '"$(', '`', 'if ', '{ ', 'case ', 'case x in a) ', '|| {', 'a () ', 'a;', '${', '! '])(
  'a long script of %j is read in one pass',
  (part) => {
    // In steps that grow with its length this took minutes.
    expect(typeof hidesFailure(part.repeat(200_000))).toBe('boolean')
  }
)
