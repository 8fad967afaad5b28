import { UsageError } from "./usage-error.js";

/** Whether an option must be given. Neither: its value is undefined without it. */
export type Presence<T> =
	/** Ends the sentence "--config is missing: …". */
	| { readonly required: string }
	/** `shown` is the default in words; without it, the value itself is shown. */
	| { readonly default: T; readonly shown?: string }
	/** What a command does instead, for the help only. */
	| { readonly otherwise: string };

/** One option of a command, or one of its arguments: the only place that says how it is written, read and explained. */
export interface Option<T> {
	/** `flag`: no value. `list`: may be given several times. */
	readonly kind: "value" | "list" | "flag";
	/** What stands for the value in help: "FILE" in `--config FILE`. */
	readonly placeholder: string;
	readonly help: string;
	/** Each value that is allowed, where they are few. */
	readonly choices?: readonly string[];
	readonly presence?: Presence<T>;
	/**
	 * @param name as it is written: "--config"
	 * @throws UsageError that says what is expected
	 */
	read(text: string, name: string): unknown;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** What `run` gets. */
export type Values<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never };

type Given<T, P> = P extends { readonly required: string } | { readonly default: T } ? T : T | undefined;
type Read<T> = (text: string, name: string) => T;

/** An option whose value is read by a function of its own, which throws a `UsageError` for what it does not take. */
export function parsed<T, const P extends Presence<T> | undefined = undefined>(
	placeholder: string,
	help: string,
	read: Read<T>,
	presence?: P,
): Option<Given<T, P>> {
	return { kind: "value", placeholder, help, read, ...(presence && { presence: presence as Presence<never> }) };
}

/** Any text: a name, a file. */
export function text<const P extends Presence<string> | undefined = undefined>(
	placeholder: string,
	help: string,
	presence?: P,
): Option<Given<string, P>> {
	return parsed(placeholder, help, (value): string => value, presence);
}

/** A whole number from `least` to `most`. */
export function number<const P extends Presence<number> | undefined = undefined>(
	placeholder: string,
	least: number,
	most: number,
	help: string,
	presence?: P,
): Option<Given<number, P>> {
	const read = (value: string, name: string): number => {
		const found = Number(value);
		if (/^\d+$/.test(value) && found >= least && found <= most) return found;
		throw new UsageError(`${name} is "${value}": it must be a whole number from ${least} to ${most}`);
	};
	return parsed(placeholder, help, read, presence);
}

/** One of these words. */
export function choice<const T extends string, const P extends Presence<NoInfer<T>> | undefined = undefined>(
	placeholder: string,
	choices: readonly T[],
	help: string,
	presence?: P,
): Option<Given<T, P>> {
	const read = (value: string, name: string): T => oneOf(choices, value, name);
	return { ...parsed(placeholder, help, read, presence), choices };
}

/** A date in ISO 8601, as milliseconds since 1970, UTC. */
export function date<const P extends Presence<number> | undefined = undefined>(
	help: string,
	presence?: P,
): Option<Given<number, P>> {
	const read = (value: string, name: string): number => {
		const time = /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? Date.parse(value) : Number.NaN;
		if (!Number.isNaN(time)) return time;
		throw new UsageError(
			`${name} is "${value}": it must be a date in ISO 8601, such as 2099-12-31 or 1970-01-01T12:00:00Z`,
		);
	};
	return parsed("DATE", help, read, presence);
}

/** An option without a value. */
export function flag(help: string): Option<boolean> {
	return { kind: "flag", placeholder: "", help, read: () => true };
}

/** An option that may be given several times, or an argument that may be repeated. Without it, the list is empty. */
export function list<T>({ presence: _, ...one }: Option<T>): Option<readonly Exclude<T, undefined>[]> {
	return { ...one, kind: "list" };
}

/** @throws UsageError unless it is one of these */
export function oneOf<const T extends string>(choices: readonly T[], value: string, name: string): T {
	const found = choices.find((each) => each === value);
	if (found !== undefined) return found;
	throw new UsageError(`${name} is "${value}": it must be ${choices.join(" or ")}`);
}
