import fc from 'fast-check';

/**
 * Property tests begin elsewhere at each run, and so find what nobody has thought of. With LANCELL_SEED (a whole number) they begin
 * there: `.ci/run` sets it, so that a failure there is of the change that is judged and comes again.
 */
const given = process.env['LANCELL_SEED'];
if (given !== undefined && given !== '') {
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new Error(`LANCELL_SEED is ${given}; a whole number is expected`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
