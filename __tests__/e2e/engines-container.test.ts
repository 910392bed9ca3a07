/**
 * The docker-container driver needs an image with BuildKit in it, which cannot be had everywhere. Here is what is asked of
 * it; `engines-classic` shows on a real engine that it is asked for, and what happens where it cannot be had.
 */
import { describe, expect, test } from '@jest/globals'
import { describeBuilder, findLacks, removeBuilderCommand, type Builder } from '../../src/buildkit/builder.js'
import { parseInspection } from '../../src/buildkit/nodes.js'

/** As `docker buildx inspect` prints it for docker/setup-buildx-action's builder. */
const container = `Name:          builder-5f1c
Driver:        docker-container
Last Activity: 2026-11-20 23:57:05 +0000 UTC

Nodes:
Name:                  builder-5f1c0
Endpoint:              unix:///var/run/docker.sock
Driver Options:        network="host"
Status:                running
BuildKit version:      v0.32.2
Platforms:             linux/amd64*, linux/arm64
Labels:
 org.mobyproject.buildkit.worker.executor:         oci
 org.mobyproject.buildkit.worker.snapshotter:      overlayfs
`

describe('a docker-container builder', () => {
  const builder: Builder = {
    ...describeBuilder(parseInspection(container)),
    buildx: { major: 0, minor: 35, text: 'v0.35.0' },
    created: true
  }

  test('is known by its driver and its BuildKit', () => {
    expect(builder).toMatchObject({ driver: 'docker-container', buildkit: 'v0.32.2', classicStore: false })
  })

  test('lacks nothing that a run can ask for', () => {
    const needs = {
      cacheExport: true,
      platforms: ['linux/amd64', 'linux/arm64'],
      exports: [{ input: 'provenance', what: 'attestations' }]
    }
    expect(findLacks(builder, needs)).toEqual([])
    expect(findLacks({ classicStore: true }, needs)).toHaveLength(3)
  })

  test('is removed by its name', () => {
    expect(removeBuilderCommand('stagegate-1')).toEqual({
      file: 'docker',
      args: ['buildx', 'rm', '--force', 'stagegate-1']
    })
  })
})
