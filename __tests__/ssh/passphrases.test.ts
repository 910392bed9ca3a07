import { expect, test } from '@jest/globals'
import { planPassphrases } from '../../src/ssh/passphrases.js'

const plain = { encrypted: false }
const locked = { encrypted: true }

test.each([
  ['no key is encrypted', [plain, plain], '', [undefined, undefined]],
  ['a passphrase that no key needs', [plain], 'secret', [undefined]],
  ['one line for the only encrypted key', [plain, locked], 'secret', [undefined, 'secret']],
  ['one line for all', [locked, plain, locked], 'secret\n', ['secret', undefined, 'secret']],
  ['a line each, in order', [locked, plain, locked], 'one\r\ntwo\r\n', ['one', undefined, 'two']],
  ['spaces count, empty lines do not', [locked, locked], '\n one \n\ntwo\n', [' one ', 'two']]
])('%s', (_, keys, text, passphrases) => {
  expect(planPassphrases(keys, text)).toEqual({ passphrases, problems: [] })
})

test('a missing passphrase names each encrypted key', () => {
  const { problems } = planPassphrases([locked, plain, locked], ' \n'.trim())
  expect(problems).toMatchObject([
    { input: 'ssh-passphrase', problem: expect.stringMatching(/^Key 1 of 3 .* is encrypted, and no passphrase/) },
    { input: 'ssh-passphrase', problem: expect.stringMatching(/^Key 3 of 3 .* is encrypted, and no passphrase/) }
  ])
})

test('another number of lines than of encrypted keys is told without a word of them', () => {
  const { problems } = planPassphrases([locked, locked], 'sesame\nopen\nplease')
  expect(problems).toMatchObject([{ problem: 'There are 3 passphrases (one a line) for 2 encrypted keys.' }])
  expect(JSON.stringify(problems)).not.toMatch(/sesame/)
})
