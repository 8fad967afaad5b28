import type { Options, Values } from "./option.js";

/** The command line after the command's name. */
export interface Invocation {
	readonly args: readonly string[];
	/** The names of options that have been given, whatever their defaults. */
	readonly given: ReadonlySet<string>;
}

interface Definition<O extends Options, A extends Options> {
	/** At most one: an argument without dashes, such as a folder. */
	readonly argument?: A;
	readonly options: O;
	/** If there are several usages: the text after the command's name for each. */
	readonly usage?: readonly string[];
	/** Paragraphs below the options. One that is indented is shown as it is. */
	readonly notes?: readonly string[];
	readonly exitCodes?: Readonly<Record<number, string>>;
	/** Rules between options. @throws UsageError */
	validate?(values: Values<O & A>, given: ReadonlySet<string>): void;
	/**
	 * @returns the exit code
	 * @throws UsageError, or an Error whose message is for people
	 */
	run(values: Values<O & A>, invocation: Invocation): number | Promise<number>;
}

/** A command, whatever its options. Its name and summary are in `catalogue.ts`, which is read without loading it. */
export interface Command {
	readonly argument: Options;
	readonly options: Options;
	readonly usage: readonly string[] | undefined;
	readonly notes: readonly string[];
	readonly exitCodes: Readonly<Record<number, string>>;
	/** @param values as `options` and `argument` have read them @returns the exit code */
	run(values: Readonly<Record<string, unknown>>, invocation: Invocation): Promise<number>;
}

/** Defines a command; `run` gets values whose types follow from the options. */
export function defineCommand<const O extends Options, const A extends Options = Record<never, never>>(
	definition: Definition<O, A>,
): Command {
	const { argument, options, usage, notes = [], exitCodes = {} } = definition;
	return {
		argument: argument ?? {},
		options,
		usage,
		notes,
		exitCodes,
		async run(values, invocation) {
			const typed = values as Values<O & A>;
			definition.validate?.(typed, invocation.given);
			return definition.run(typed, invocation);
		},
	};
}
