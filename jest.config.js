/** One suite on every database: TEST_DATABASE=postgres runs it on the embedded PostgreSQL that globalSetup starts. */
const swc = ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false } }, module: { type: 'commonjs' } }]

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.ts$': swc },
  testTimeout: 30_000,
}
