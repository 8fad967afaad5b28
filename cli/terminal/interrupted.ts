/** The person has pressed Ctrl-C at a question, or ended the input. */
export class Interrupted extends Error {}
