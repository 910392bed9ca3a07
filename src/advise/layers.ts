/** Advice on the files in an image's own layers. */
import { chainOf, findStage } from '../dockerfile/index.js'
import { copiedFrom } from '../core/step.js'
import type { ModeFact } from '../image/index.js'
import type { LayerReport } from '../inspect/model.js'
import { at, capital, files, LEAST_BYTES, type Found, type OnImage, type RuleName } from './rule.js'

/** A test target is there to be passed, not to be shipped. */
export const testStageInImage: OnImage = ({ report }, { subject, dockerfile }) => {
  const final = chainOf(dockerfile, subject.target)[0]
  const tests = subject.testTargets.map((test) => ({ name: test.toLowerCase(), stage: findStage(dockerfile, test) }))
  // Where the tested stage is the image itself, it is meant to be in it.
  const shipped = tests.filter(
    ({ name, stage }) => name !== subject.target.toLowerCase() && (stage === undefined || stage !== final)
  )
  const isTest = (meant: string): boolean =>
    shipped.some(
      ({ name, stage }) =>
        name === meant.toLowerCase() || (stage !== undefined && stage === findStage(dockerfile, meant))
    )
  const grouped = new Map<string, { readonly layers: LayerReport[]; readonly copied: boolean; readonly name: string }>()
  for (const layer of report.layers.filter(({ base }) => !base)) {
    const from = copiedFrom(layer)
    const copied = from !== undefined && isTest(from)
    const name = copied ? from : (layer.stage ?? '')
    if (!copied && !isTest(name)) continue
    const key = copied ? `copy ${layer.line ?? layer.digest}` : name
    const group = grouped.get(key) ?? { layers: [], copied, name }
    grouped.set(key, group)
    group.layers.push(layer)
  }
  return [...grouped].map(([key, { layers, copied, name }]) => ({
    rule: 'TestStageInImage',
    subject: key,
    message: copied
      ? `Files of the test stage \`${name}\` are copied into the image`
      : `The image is built on the test stage \`${name}\`: what the tests need ships with it`,
    fix: copied
      ? `Make them in a stage that \`${name}\` starts from, and copy them from there: nothing of the tests then ships.`
      : `Start from the stage below \`${name}\`: the gate makes sure that the tests pass.`,
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
    ...at(layers.find(({ line }) => line !== undefined)?.line)
  }))
}

/** How each package manager is told to keep its cache out; the others get a cache mount. */
const WITHOUT_CACHE: Readonly<Record<string, string>> = {
  apk: 'use `apk add --no-cache`',
  pip: 'use `pip install --no-cache-dir`',
  dnf: 'end the same `RUN` with `dnf clean all`',
  yum: 'end the same `RUN` with `yum clean all`',
  zypper: 'end the same `RUN` with `zypper clean --all`',
  conda: 'end the same `RUN` with `conda clean --all --yes`',
  apt: 'end the same `RUN` with `apt-get clean`',
  npm: 'end the same `RUN` with `npm cache clean --force`',
  yarn: 'end the same `RUN` with `yarn cache clean`'
}

/** What a program that is run from its sources still reads: `mvn exec:java`, `go run`, `dotnet watch`. */
const OF_BUILDS: ReadonlySet<string> = new Set(['maven', 'gradle', 'nuget', 'go', 'cargo'])

/** What package managers have downloaded, and keep. */
export const packageCaches: OnImage = ({ report: { figures, layers } }) => {
  return figures.packageCaches
    .filter(({ size }) => size >= LEAST_BYTES)
    .map(({ kind, path, size, layers: held }): Found => {
      const line = held.map((index) => layers[index]?.line).find((each) => each !== undefined)
      if (kind === 'apt-lists') {
        return {
          rule: 'AptListsInLayer',
          subject: path,
          message: `The package lists of apt (\`${path}\`) are in your layers`,
          fix: 'End the `RUN` that has `apt-get update` with `rm -rf /var/lib/apt/lists/*`.',
          bytes: size,
          ...at(line)
        }
      }
      const without = WITHOUT_CACHE[kind]
      const mount = `mount it instead: \`RUN --mount=type=cache,target=${path} …\``
      const fix = OF_BUILDS.has(kind)
        ? `Build in an earlier stage, and copy what it makes. If the container itself builds nothing, ${mount}.`
        : `${capital(mount)}${without === undefined ? '' : `, or ${without}`}.`
      return {
        rule: 'PackageCacheInLayer',
        subject: path,
        message: `The cache of ${kind} (\`${path}\`) is in your layers`,
        fix,
        bytes: size,
        ...at(line)
      }
    })
}

/** `chown -R` and `chmod -R` write every file again, into another layer. */
export const copies: OnImage = ({ report: { layers } }) => {
  return layers.flatMap((layer): readonly Found[] => {
    const { base, line, digest, instruction } = layer
    const { chown, chmod, attributes } = layer.copies
    if (base) return []
    const [copy] = /^(?:COPY|ADD)\b/i.exec(instruction) ?? []
    const copied = (rule: RuleName, command: string, sum: { files: number; size: number }): readonly Found[] =>
      sum.size < LEAST_BYTES
        ? []
        : [
            {
              rule,
              subject: String(line ?? digest),
              message: `\`${copy ?? command}\` ships ${files(sum.files)} of the layers below a second time`,
              fix:
                copy === undefined
                  ? `Write \`COPY --${command}=…\` where they come from, or ${command} them in the \`RUN\` that makes them.`
                  : `They differ in ${command === 'chown' ? 'owner' : 'mode'} alone: copy them once, with \`--${command}=…\`.`,
              bytes: sum.size,
              ...at(line)
            }
          ]
    if (attributes !== undefined && attributes.size > Math.max(chown.size, chmod.size)) {
      return attributes.size < LEAST_BYTES
        ? []
        : [
            {
              rule: 'FilesCopiedBySetcap',
              subject: String(line ?? digest),
              message: `Changed extended attributes (capabilities) ship ${files(attributes.files)} of the layers below a second time`,
              fix: 'Run `setcap` in the `RUN` that makes the file, or in the stage that it is copied from.',
              bytes: attributes.size,
              ...at(line)
            }
          ]
    }
    // A file whose owner and mode both changed is one copy.
    return chown.size >= chmod.size
      ? copied('FilesCopiedByChown', 'chown', chown)
      : copied('FilesCopiedByChmod', 'chmod', chmod)
  })
}

/** Files with more rights than most need. */
export const modes: OnImage = ({ report: { figures, layers, platform } }) => {
  if (platform.startsWith('windows/')) return [] // it has no such modes: they are the tar's
  const { worldWritable, setuid } = figures.modes
  const lineOf = (facts: readonly ModeFact[]): { readonly line?: number } =>
    at(facts.map(({ layer }) => layers[layer]?.line).find((line) => line !== undefined))
  return [
    ...(setuid.count === 0
      ? []
      : [
          {
            rule: 'SetuidFiles' as const,
            subject: '',
            message: `${capital(files(setuid.count))} of your layers ${setuid.count === 1 ? 'runs' : 'run'} with the rights of ${setuid.count === 1 ? 'its' : 'their'} owner or group: ${named(setuid.first, setuid.count)}`,
            fix: `If nothing in the container needs ${setuid.count === 1 ? 'this' : 'these'}, take the bits away in the \`RUN\` that installs ${setuid.count === 1 ? 'it' : 'them'}: \`chmod ug-s ${setuid.first[0]?.path ?? '…'}\`.`,
            ...lineOf(setuid.first)
          }
        ]),
    ...(worldWritable.count === 0
      ? []
      : [
          {
            rule: 'WorldWritableFiles' as const,
            subject: '',
            message: `Everyone may write to ${worldWritable.count === 1 ? 'one path' : `${worldWritable.count} paths`} of your layers: ${named(worldWritable.first, worldWritable.count)}`,
            fix: `Give ${worldWritable.count === 1 ? 'it' : 'them'} to the user that writes there (\`COPY --chown=…\`), and copy with \`--chmod=u=rwX,go=rX\` or run \`chmod o-w\` in the \`RUN\` that makes ${worldWritable.count === 1 ? 'it' : 'them'}.`,
            ...lineOf(worldWritable.first)
          }
        ])
  ]
}

/** The first few of a list, and how many more there are. */
function named(facts: readonly ModeFact[], count: number): string {
  const shown = facts.slice(0, 3).map(({ path }) => `\`${path}\``)
  const more = count - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
