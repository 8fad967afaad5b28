/** The command line is wrong. `message` says what, and what there is instead. */
export class UsageError extends Error {}
