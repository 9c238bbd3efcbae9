/** What is too long for `npm test`: `npm run test:chaos`. One world at a time, since each has processes of its own. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  testMatch: ['**/*.chaos.ts'],
  maxWorkers: 1,
}
