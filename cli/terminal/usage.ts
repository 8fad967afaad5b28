import { type ParseArgsConfig, parseArgs } from "node:util";

/** The command line is wrong. `message` says what, and what there is instead. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * The values of a command's options; no other arguments are taken.
 *
 * @throws UsageError that names the options there are
 */
export function readOptions<const O extends Options>(
	args: string[],
	options: O,
): ReturnType<typeof parseArgs<{ args: string[]; options: O }>>["values"] {
	return explained(options, () => parseArgs({ args, options }).values);
}

/**
 * The same, and the other arguments.
 *
 * @throws UsageError that names the options there are
 */
export function readArguments<const O extends Options>(
	args: string[],
	options: O,
): Pick<
	ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>>,
	"values" | "positionals"
> {
	return explained(options, () => parseArgs({ args, options, allowPositionals: true }));
}

/**
 * The same for a command that takes one folder at most.
 *
 * @throws UsageError
 */
export function readFolderAndOptions<const O extends Options>(
	args: string[],
	options: O,
): { readonly folder: string | undefined; readonly values: ReturnType<typeof readArguments<O>>["values"] } {
	const { values, positionals } = readArguments(args, options);
	if (positionals.length > 1) throw new UsageError(`only one folder can be given, not ${positionals.join(" and ")}`);
	return { folder: positionals[0], values };
}

function explained<T>(options: Options, parse: () => T): T {
	try {
		return parse();
	} catch (error) {
		const names = Object.keys(options).map((name) => `--${name}`);
		const what = error instanceof Error ? (error.message.split(/\. (?=To specify)/, 1)[0] ?? "") : String(error);
		throw new UsageError(`${what}. The options are ${names.join(" ")}`);
	}
}

/** @throws UsageError unless it is one of these */
export function readChoice<T extends string>(name: string, value: string, choices: readonly T[]): T {
	const found = choices.find((choice) => choice === value);
	if (found === undefined) throw new UsageError(`--${name} is "${value}": it must be ${choices.join(" or ")}`);
	return found;
}

/** @throws UsageError unless it is a whole number in this range */
export function readNumber(name: string, value: string, least: number, most: number): number {
	const number = Number(value);
	if (/^\d+$/.test(value) && number >= least && number <= most) return number;
	throw new UsageError(`--${name} is "${value}": it must be a whole number from ${least} to ${most}`);
}

/** UTC in milliseconds since 1970. @throws UsageError unless it is a date */
export function readDate(name: string, value: string): number {
	const time = /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? Date.parse(value) : Number.NaN;
	if (!Number.isNaN(time)) return time;
	throw new UsageError(
		`--${name} is "${value}": it must be a date in ISO 8601, such as 2099-12-31 or 1970-01-01T12:00:00Z`,
	);
}
