/**
 * Registries that the builder speaks to without TLS, or without a look at the certificate: whoever set the builder up has
 * said so, and what the builder may push to, this run may.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { buildxConfigFolder } from '../core/docker_config.js'
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { Ports } from '../ports.js'
import { readEngineRegistries } from './auto_builder.js'
import { askDocker, type Builder } from './builder.js'

/** Names and networks, as docker's `insecure-registries` has them; none where nobody has said anything. */
export async function findInsecureRegistries(
  ports: Pick<Ports, 'exec'>,
  env: Readonly<Record<string, string | undefined>>,
  { driver, name }: Pick<Builder, 'driver' | 'name'>
): Promise<readonly string[]> {
  if (driver === 'docker') {
    const { stdout } = await askDocker(ports, ['info', '--format', '{{json .}}'])
    const { insecure, insecureNetworks } = readEngineRegistries(stdout)
    return [...insecure, ...insecureNetworks]
  }
  // buildx keeps the configuration that it has given to a builder; that of one made elsewhere nobody here can see.
  if (!/^[\w.-]+$/.test(name)) return []
  const file = path.join(buildxConfigFolder(env), 'instances', name)
  const instance = parseJSON(await readFile(file, 'utf8').catch(() => ''))
  return asArray(dig(instance, 'Nodes')).flatMap((node) => {
    const toml = Buffer.from(asString(dig(node, 'Files', 'buildkitd.toml')) ?? '', 'base64').toString('utf8')
    return readInsecure(toml)
  })
}

/** Hosts with `http = true` or `insecure = true`: https://docs.docker.com/build/buildkit/toml-configuration/ */
export function readInsecure(toml: string): readonly string[] {
  const sections = toml.split(/^(?=[ \t]*\[)/m)
  return sections.flatMap((section) => {
    const [, quoted, bare] =
      /^[ \t]*\[[ \t]*registry[ \t]*\.[ \t]*(?:["']([^"']+)["']|([\w-]+))[ \t]*\]/.exec(section) ?? []
    const host = quoted ?? bare
    return host !== undefined && /^[ \t]*(?:http|insecure)[ \t]*=[ \t]*true\b/m.test(section) ? [host] : []
  })
}
