import { shownValue } from "../terminal/shown-value.js";
import { UsageError } from "./usage-error.js";

/** Whether an option must be given. Neither: its value is undefined without it. */
export type OptionDefault<T> =
	/** Continues "--config is missing. Expected …". */
	| { readonly required: string }
	/** `shown` is the default in words; without it, the value itself is shown. */
	| { readonly default: T; readonly shown?: string }
	/** The default's description, for the help only. */
	| { readonly otherwise: string };

/** One option of a command, or one of its arguments: the only place that says how it is written, read and explained. */
export interface Option<T> {
	/** `flag`: no value. `list`: may be given several times. */
	readonly kind: "value" | "list" | "flag";
	/** The value's placeholder in help: "FILE" in `--config FILE`. */
	readonly placeholder: string;
	readonly help: string;
	/** The option's name in the previous version, which is still accepted, with a warning. */
	readonly deprecatedName?: string;
	/** Each value that is allowed, where they are few. */
	readonly choices?: readonly string[];
	readonly ifAbsent?: OptionDefault<T>;
	/**
	 * @param name as it is written: "--config"
	 * @throws UsageError with the expected values
	 */
	read(text: string, name: string): unknown;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** What `run` gets. */
export type Values<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never };

type OptionValue<T, P> = P extends { readonly required: string } | { readonly default: T } ? T : T | undefined;
type OptionReader<T> = (text: string, name: string) => T;

/** An option with its own parser, which throws a `UsageError` for an invalid value. */
export function customOption<T, const P extends OptionDefault<T> | undefined = undefined>(
	placeholder: string,
	help: string,
	read: OptionReader<T>,
	ifAbsent?: P,
): Option<OptionValue<T, P>> {
	return { kind: "value", placeholder, help, read, ...(ifAbsent && { ifAbsent: ifAbsent as OptionDefault<never> }) };
}

/** Any text: a name, a file. The path of a file or folder is not empty. */
export function textOption<const P extends OptionDefault<string> | undefined = undefined>(
	placeholder: string,
	help: string,
	ifAbsent?: P,
): Option<OptionValue<string, P>> {
	const isPath = /^(file|folder)$/i.test(placeholder);
	const read = (value: string, name: string): string => {
		if (value !== "" || !isPath) return value;
		throw new UsageError(`${name} is empty. Expected the path of a ${placeholder.toLowerCase()}.`);
	};
	return customOption(placeholder, help, read, ifAbsent);
}

/** A whole number from `least` to `most`. */
export function numberOption<const P extends OptionDefault<number> | undefined = undefined>(
	placeholder: string,
	minimum: number,
	maximum: number,
	help: string,
	ifAbsent?: P,
): Option<OptionValue<number, P>> {
	const read = (value: string, name: string): number => {
		const found = Number(value);
		if (/^\d+$/.test(value) && found >= minimum && found <= maximum) return found;
		throw new UsageError(
			`${name} is invalid: ${shownValue(value)}. Expected a whole number from ${minimum} to ${maximum}.`,
		);
	};
	return customOption(placeholder, help, read, ifAbsent);
}

/** One of these words. */
export function choiceOption<const T extends string, const P extends OptionDefault<NoInfer<T>> | undefined = undefined>(
	placeholder: string,
	choices: readonly T[],
	help: string,
	ifAbsent?: P,
): Option<OptionValue<T, P>> {
	const read = (value: string, name: string): T => oneOf(choices, value, name);
	return { ...customOption(placeholder, help, read, ifAbsent), choices };
}

/** A date in ISO 8601, as milliseconds since 1970, UTC. */
export function dateOption<const P extends OptionDefault<number> | undefined = undefined>(
	help: string,
	ifAbsent?: P,
): Option<OptionValue<number, P>> {
	const read = (value: string, name: string): number => {
		const time = /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? Date.parse(value) : Number.NaN;
		if (!Number.isNaN(time)) return time;
		throw new UsageError(
			`${name} is invalid: ${shownValue(value)}. Expected a date in ISO 8601, such as 2099-12-31 or 1970-01-01T12:00:00Z.`,
		);
	};
	return customOption("DATE", help, read, ifAbsent);
}

/** An option without a value. */
export function flagOption(help: string): Option<boolean> {
	return { kind: "flag", placeholder: "", help, read: () => true };
}

/** An option that had another name in the previous version. */
export function renamedOption<T>(deprecatedName: string, option: Option<T>): Option<T> {
	return { ...option, deprecatedName };
}

/** An option that may be given several times, or an argument that may be repeated. Without it, the list is empty. */
export function listOption<T>({ ifAbsent: _, ...one }: Option<T>): Option<readonly Exclude<T, undefined>[]> {
	return { ...one, kind: "list" };
}

/** @throws UsageError unless it is one of these */
export function oneOf<const T extends string>(choices: readonly T[], value: string, name: string): T {
	const found = choices.find((each) => each === value);
	if (found !== undefined) return found;
	throw new UsageError(`${name} is invalid: ${shownValue(value)}. Expected ${choices.join(" or ")}.`);
}
