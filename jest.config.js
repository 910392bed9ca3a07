/** Tests run as ES modules on Node 24: `NODE_OPTIONS=--experimental-vm-modules` (script/test sets it). */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '<rootDir>/script/lib/strip-types.mjs' }
}

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: ['/e2e/']
    },
    {
      ...shared,
      displayName: 'e2e',
      testEnvironment: '<rootDir>/script/lib/engine-environment.mjs',
      testMatch: ['<rootDir>/__tests__/e2e/**/*.test.ts']
    }
  ]
}
