/** The command line is invalid. `message` has the problem and the valid values. */
export class UsageError extends Error {}
