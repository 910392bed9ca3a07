/** Whether an image can be loaded into the engine at all: known before anything is built. Pure. */
import { asArray, asObject, asString, dig, parseJSON } from '../core/json.js'
import type { InputProblem } from '../core/problem.js'

/** What `docker info --format '{{json .}}'` came to. */
export type EngineAnswer = { readonly stdout: string; readonly stderr: string; readonly exitCode: number }

/** Why an image for these platforms cannot be loaded into the engine, as a problem of the input `load`. */
export function findLoadProblem(answer: EngineAnswer, platforms: readonly string[]): InputProblem | undefined {
  const info = asObject(parseJSON(answer.stdout))
  const [trouble] = asArray(dig(info, 'ServerErrors')).flatMap((error) => asString(error) ?? [])
  const version = asString(dig(info, 'ServerVersion')) ?? ''
  if (info === undefined || trouble !== undefined || version === '') {
    const words = trouble ?? answer.stderr.trim().split('\n').at(-1) ?? ''
    return {
      input: 'load',
      problem: `there is no Docker engine to load the image into${words === '' ? '' : `: ${words.replace(/^ERROR: /, '')}`}`,
      fix: 'Start Docker before this step, or leave load out: push and outputs need no engine.'
    }
  }
  if (platforms.length < 2 || hasContainerdStore(info)) return undefined
  return {
    input: 'load',
    problem: `an image for several platforms (${platforms.join(', ')}) cannot be loaded into this engine, which has the classic image store`,
    fix: 'Turn on the containerd image store of the engine, load one platform, or leave load out.'
  }
}

/** https://docs.docker.com/engine/storage/containerd/ */
function hasContainerdStore(info: unknown): boolean {
  return asArray(dig(info, 'DriverStatus')).some((entry) => {
    const [name, value] = asArray(entry)
    return name === 'driver-type' && asString(value)?.startsWith('io.containerd.snapshotter') === true
  })
}
