/** A container's state as `docker container inspect` tells it. Pure. */
import { asArray, asNumber, asObject, asString, dig, parseJSON } from '../core/json.js'

export type ContainerState = {
  readonly status: string
  readonly running: boolean
  readonly exitCode: number
  /** The kernel ended it because memory ran out. */
  readonly outOfMemory: boolean
  /** Why the engine could not start it. */
  readonly error: string
  /** Absent where it has no HEALTHCHECK. */
  readonly health?: { readonly status: string; readonly last?: { readonly exitCode: number; readonly output: string } }
  /** The port on the runner's loopback address under which the probed one can be reached. */
  readonly published?: number
}

/** `undefined` where the text is not what docker prints. */
export function readState(text: string): ContainerState | undefined {
  const container: unknown = asArray(parseJSON(text))[0]
  const state = asObject(dig(container, 'State'))
  if (state === undefined) return undefined
  const health = dig(state, 'Health')
  const last: unknown = asArray(dig(health, 'Log')).at(-1)
  const bindings = Object.values(asObject(dig(container, 'NetworkSettings', 'Ports')) ?? {}).flatMap((list) =>
    asArray(list).flatMap((binding) => asString(dig(binding, 'HostPort')) ?? [])
  )
  const published = Number(bindings[0])
  return {
    status: asString(state.Status) ?? '',
    running: state.Running === true,
    exitCode: asNumber(state.ExitCode) ?? -1,
    outOfMemory: state.OOMKilled === true,
    error: asString(state.Error) ?? '',
    ...(Number.isInteger(published) && published > 0 ? { published } : {}),
    ...(health === undefined || health === null
      ? {}
      : {
          health: {
            status: asString(dig(health, 'Status')) ?? '',
            ...(last === undefined
              ? {}
              : {
                  last: {
                    exitCode: asNumber(dig(last, 'ExitCode')) ?? -1,
                    output: (asString(dig(last, 'Output')) ?? '').trim().slice(0, 1000)
                  }
                })
          }
        })
  }
}
