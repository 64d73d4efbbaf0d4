/**
 * Mocha's spec reporter that also writes "PASSED FAILED\n" into the file of its option `output`, for
 * .ci/run. CommonJS, since mocha requires its reporters.
 */
const { writeFileSync } = require('node:fs');
const { Runner, reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      writeFileSync(options.reporterOptions.output, `${passes} ${failures}\n`);
    });
  }
};
