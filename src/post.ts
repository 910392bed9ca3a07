/**
 * The entry of `post`: ends what the step could not end itself, and loads nothing where nothing is left. It is a program
 * of its own, because a step that is killed while it starts has saved no state by which the same program could tell its
 * `post` from a step, and would build and publish in it.
 */
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions#sending-values-to-the-pre-and-post-actions
const { STATE_leftovers: leftovers = '' } = process.env

if (leftovers !== '') {
  const { start } = await import(/* webpackChunkName: "start" */ './start.js')
  await start(new AbortController().signal, async (ports) => {
    const { endLeftovers, parseLeftovers } = await import(/* webpackChunkName: "leftovers" */ './leftovers.js')
    const troubles = await endLeftovers(ports, parseLeftovers(leftovers))
    for (const trouble of troubles) ports.log.warning(trouble, { title: 'Stagegate could not clean up' })
  })
}

export {}
