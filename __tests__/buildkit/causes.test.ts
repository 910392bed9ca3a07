/** What lies behind the words of a builder or a registry, with the builder they come from. */
import { describe, expect, test } from '@jest/globals'
import { builderLog, engineFix, type BuilderFacts } from '../../src/buildkit/causes.js'
import { registryFix } from '../../src/buildkit/registry_causes.js'

const engine: BuilderFacts = { name: 'default', driver: 'docker', nodes: [{ name: 'default', endpoint: 'default' }] }
const container: BuilderFacts = {
  name: 'builder-1',
  driver: 'docker-container',
  nodes: [{ name: 'builder-10', endpoint: 'unix:///var/run/docker.sock' }]
}
const onHost: BuilderFacts = {
  ...container,
  nodes: [{ name: 'builder-10', endpoint: 'unix:///var/run/docker.sock', options: { network: 'host' } }]
}
const remote: BuilderFacts = {
  name: 'far',
  driver: 'remote',
  nodes: [{ name: 'far0', endpoint: 'tcp://buildkit.example.com:1234' }]
}

const death = 'failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF'

test.each<[string, BuilderFacts | undefined, string]>([
  [death, container, 'docker logs buildx_buildkit_builder-10'],
  [death, remote, 'tcp://buildkit.example.com:1234'],
  [death, { name: 'k', driver: 'kubernetes' }, 'kubectl logs'],
  [death, engine, 'journalctl -u docker'],
  [death, undefined, 'memory'],
  [
    'closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: NO_ERROR, debug data: "graceful_stop"',
    container,
    'OOMKilled'
  ],
  [
    'rpc error: code = Unknown desc = panic: runtime error: index out of range [3]',
    engine,
    'another version of Docker'
  ],
  ['panic: runtime error: invalid memory address or nil pointer dereference', container, 'image=moby/buildkit:VERSION'],
  ['panic: footer buffer = 48, not 51', container, '`docker logs buildx_buildkit_builder-10` may have more'],
  ['context deadline exceeded', remote, '"far" (driver remote, tcp://buildkit.example.com:1234)'],
  ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', engine, 'Start Docker'],
  ['dial unix /var/run/docker.sock: connect: permission denied', engine, 'group'],
  ['write /var/lib/buildkit/x: no space left on device', remote, 'docker buildx prune'],
  ['write /var/lib/docker/x: no space left on device', engine, 'runner’s disk is full'],
  ['error from receiver: write /tmp/x: no space left on device', remote, 'runner’s disk is full'],
  ['process "/bin/sh" was killed: signal: killed', container, 'driver-opts: memory'],
  ['cannot allocate memory', { name: 'k', driver: 'kubernetes' }, 'limits.memory'],
  ['connection error: desc = "transport: authentication handshake failed: tls: bad certificate"', remote, 'cacert'],
  ['failed to copy to tar: rpc error: code = Unknown desc = io: read/write on closed pipe', remote, 'docker version'],
  [
    'Error response from daemon: failed to resolve reference "docker.io/moby/buildkit:buildx-stable-1": failed to do request',
    container,
    'mirror'
  ],
  ['docker exporter does not currently support exporting manifest lists', container, 'containerd image store'],
  ['network bridge not found', engine, 'journalctl -u docker'],
  [
    'failed to list workers: Unavailable: connection error: desc = "transport: error while dialing: dial tcp 192.0.2.3:1234: connect: connection refused"',
    remote,
    'Check whether the builder "far"'
  ],
  ['failed to initialize builder b (b0): driver not connecting', container, 'Check whether the builder "builder-1"'],
  ['failed to initialize builder b (b0): unknown', container, 'docker buildx inspect --bootstrap builder-1'],
  ['error while dialing: dial unix /run/buildkit.sock: connect: no such file or directory', remote, 'Check whether'],
  ['dial unix /var/run/docker.sock: connect: no such file or directory', engine, 'Start Docker'],
  [
    'Internal: stream terminated by RST_STREAM with error code: INTERNAL_ERROR',
    remote,
    'The connection to the builder broke'
  ],
  ['no active session for abc: context deadline exceeded', { name: 'k', driver: 'kubernetes' }, 'kubectl logs'],
  ['write /var/lib/docker/x: disk quota exceeded', engine, 'disk is full'],
  ['failed to compute cache key: failed to get state for index 0 on [a 8/9] WORKDIR /app', engine, 'Run the job again']
])('%s', (message, builder, words) => {
  const fix = engineFix(message, builder)
  expect(fix).toContain(words)
  expect(fix).not.toMatch(/Nothing in your code/)
})

test.each(['target stage "x" could not be found', 'the moon is full', ''])(
  '%s says nothing of the engine',
  (message) => {
    expect(engineFix(message, engine)).toBeUndefined()
  }
)

describe('a registry on the runner’s loopback address', () => {
  const refused =
    'failed to do request: Head "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'

  test.each<[string, BuilderFacts | undefined, string | undefined]>([
    ['is not that of a container', container, 'driver-opts: network=host'],
    ['is not that of another machine', remote, 'its own machine'],
    ['is that of a container in the host’s network', onHost, undefined],
    ['is that of the engine', engine, undefined],
    ['may be anything', undefined, undefined]
  ])('%s', (_, builder, words) => {
    if (words === undefined) expect(registryFix(refused, builder)).toBeUndefined()
    else expect(registryFix(refused, builder)).toContain(words)
  })

  test('and one elsewhere is another matter', () => {
    const message = 'dial tcp 192.0.2.1:443: connect: connection refused'
    expect(registryFix(message, container)).toBeUndefined()
  })
})

test.each([
  [
    'failed to push registry.gitlab.com/a/b:1: unknown: blob unknown to registry - sha256:63adb36080a3',
    'BUILDX_NO_DEFAULT_OCI_ARTIFACT'
  ],
  ['media type "application/vnd.oci.empty.v1+json" is not allowed', 'BUILDX_NO_DEFAULT_OCI_ARTIFACT'],
  ['no match for platform in manifest: not found', 'platforms'],
  ['http: server gave HTTP response to HTTPS client', 'insecure-registries'],
  ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'buildkitd.toml'],
  ['no matching manifest for linux/riscv64 in the manifest list entries', 'platforms'],
  // As `docker push` ends
  [
    "tag invalid: The image tag '1' already exists in the 'app' repository and cannot be overwritten because the repository is immutable.",
    'Push a tag that is new'
  ],
  [
    "name unknown: The repository with name 'app' does not exist in the registry with id '1'",
    'aws ecr create-repository'
  ],
  ['denied: Your authorization token has expired. Reauthenticate and try again.', '12 hours'],
  [
    `error parsing HTTP 413 response body: invalid character '<' looking for beginning of value: "<html>"`,
    'client_max_body_size'
  ],
  ['unexpected status from PUT request to https://r/v2/x: 413 Request Entity Too Large', 'client_max_body_size'],
  [
    'denied: adding 120.3 MiB of storage resource, which when updated to current usage of 9.9 GiB will exceed the configured upper limit of 10.0 GiB.',
    'no room'
  ],
  [
    'unknown: current image with "Pending" status of vulnerability scanning cannot be pulled due to configured policy',
    'Harbor'
  ]
])('%s', (message, words) => {
  expect(registryFix(message, container)).toContain(words)
})

test('a certificate of a registry belongs where the builder looks for it', () => {
  const message = 'x509: certificate signed by unknown authority'
  expect(registryFix(message, engine)).toContain('/etc/docker/certs.d/HOST/ca.crt')
  expect(registryFix(message, engine)).not.toContain('buildkitd.toml')
  expect(registryFix(message, container)).not.toContain('certs.d')
  expect(registryFix(message)).toMatch(/certs\.d.*buildkitd\.toml/)
})

test.each([
  [container, 'docker logs buildx_buildkit_builder-10'],
  [{ name: 'b', driver: 'docker-container' }, 'docker logs buildx_buildkit_b0'],
  [remote, undefined]
])('the log of %o', (builder, command) => {
  expect(builderLog(builder)).toBe(command)
})
