/** Certificates of the tests' own, made by openssl. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type Authority = { readonly certificate: string; readonly key: string }

/** Makes an authority; both members are paths. */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const [certificate, key] = [path.join(folder, `${name}.crt`), path.join(folder, `${name}.key`)]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await run('openssl', [
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    key,
    '-out',
    certificate
  ])
  return { certificate, key }
}

/** Makes a certificate for 127.0.0.1 that an authority has signed. */
export async function makeCertificate(folder: string, { certificate: ca, key: caKey }: Authority): Promise<Authority> {
  const file = (name: string): string => path.join(folder, name)
  await writeFile(file('server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await run('openssl', [
    'req',
    ...newKey,
    '-subj',
    '/CN=127.0.0.1',
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr')
  ])
  await run('openssl', [
    ...['x509', '-req', '-in', file('server.csr'), '-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2'],
    ...['-extfile', file('server.ext'), '-out', file('server.crt')]
  ])
  return { certificate: file('server.crt'), key: file('server.key') }
}
