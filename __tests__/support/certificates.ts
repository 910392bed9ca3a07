/** Certificates of an authority of our own, for servers on 127.0.0.1 and their clients. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Paths of PEM files. */
export type Certificates = { readonly authority: string; readonly certificate: string; readonly key: string }

/** Makes an authority, and a pair that it has signed for 127.0.0.1, in an existing folder. */
export async function certify(folder: string, name: string): Promise<Certificates> {
  const at = (file: string): string => join(folder, `${name}${file}`)
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const authority = ['req', '-x509', ...pair, '-days', '2', '-subj', `/CN=${name} authority`]
  await run('openssl', [...authority, '-keyout', at('ca.key'), '-out', at('ca.pem')])
  await run('openssl', ['req', ...pair, '-subj', `/CN=${name}`, '-keyout', at('.key'), '-out', at('.csr')])
  await writeFile(at('.ext'), 'subjectAltName=IP:127.0.0.1\n')
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('.ext')]
  await run('openssl', ['x509', '-req', '-in', at('.csr'), ...signed, '-out', at('.pem')])
  return { authority: at('ca.pem'), certificate: at('.pem'), key: at('.key') }
}
