/** The rule `leak-check`: no secret and no private key in the image. */
import { rule } from './rule.js'

export type LeakResult = {
  readonly rule: 'leak-check'
  readonly platform: string
  /** How many findings. */
  readonly measured: number
  readonly mode: 'fail' | 'warn'
  /** False only where a finding stops the run. */
  readonly passed: boolean
}

const MODES = ['fail', 'warn', 'off'] as const

export const leakCheck = rule({
  name: 'leak-check',
  key: 'leakCheck',
  parse: (text) => MODES.find((mode) => mode === text),
  otherwise: 'fail',
  fix: 'Use fail, warn or off.',
  judge: ({ analysis: { platform, leaks } }, mode: (typeof MODES)[number]): LeakResult | undefined =>
    mode === 'off'
      ? undefined
      : {
          rule: 'leak-check',
          platform,
          measured: leaks.length,
          mode,
          passed: leaks.length === 0 || mode === 'warn'
        },
  tell: () => ({ kind: 'findings' })
})
