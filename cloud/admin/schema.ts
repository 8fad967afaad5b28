/**
 * Schemas of JSON values. One definition gives the TypeScript type, the check of a request's value, and the JSON
 * Schema for an OpenAPI document.
 */

import { orList } from "../server/or-list.js";
import { AdminError } from "./admin-error.js";

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Schema<Value> {
	readonly json: JsonSchema;
	/** @param key of the value, for the error. @throws AdminError 400 */
	read(key: string, value: unknown): Value;
}

export interface Optional<Value> extends Schema<Value> {
	readonly optional: true;
}

type Fields = Readonly<Record<string, Schema<unknown>>>;

type OptionalKeys<Of extends Fields> = {
	[Key in keyof Of]: Of[Key] extends { readonly optional: true } ? Key : never;
}[keyof Of];

/** The type of an object with these fields. */
export type ObjectOf<Of extends Fields> = {
	readonly [Key in keyof Of as Key extends OptionalKeys<Of> ? never : Key]: ValueOf<Of[Key]>;
} & {
	readonly [Key in keyof Of as Key extends OptionalKeys<Of> ? Key : never]?: ValueOf<Of[Key]>;
};

/** The type of the values that have this schema. */
export type ValueOf<Of> = Of extends Schema<infer Value> ? Value : never;

/** @param values the operation checks for them itself, where they depend on more than the schema */
export function string<Value extends string = string>(values?: readonly Value[]): Schema<Value> {
	return {
		json: { type: "string", ...(values && { enum: values }) },
		read(key, value) {
			if (typeof value === "string") return value as Value;
			throw invalid(key, value, "a string");
		},
	};
}

/** One of these strings. */
export function choice<Value extends string>(values: readonly Value[]): Schema<Value> {
	return {
		json: { type: "string", enum: values },
		read(key, value) {
			if (values.includes(value as Value)) return value as Value;
			throw invalid(key, value, orList(values));
		},
	};
}

/** Any JSON object, which the operation makes itself. */
export function anyObject(): Schema<Readonly<Record<string, unknown>>> {
	return {
		json: { type: "object", properties: {}, additionalProperties: true, required: [] },
		read: (_, value) => value as never,
	};
}

export function number(): Schema<number> {
	return {
		json: { type: "number" },
		read(key, value) {
			if (typeof value === "number") return value;
			throw invalid(key, value, "a number");
		},
	};
}

/** @param unit what the number counts */
export function wholeNumber(unit: string, minimum = 0, maximum = Number.MAX_SAFE_INTEGER): Schema<number> {
	return {
		json: { type: "integer", minimum, maximum },
		read(key, value) {
			if (typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
			throw invalid(key, value, `a whole number of ${unit} from ${minimum} to ${maximum}`);
		},
	};
}

/** A whole number in a query, where all values are texts. @param unit what the number counts */
export function wholeNumberText(unit: string, minimum: number, maximum: number): Schema<number> {
	const { json, read } = wholeNumber(unit, minimum, maximum);
	return { json, read: (key, value) => read(key, /^\d{1,15}$/.test(String(value)) ? Number(value) : value) };
}

export function stringOrNumber(): Schema<string | number> {
	return {
		json: { type: ["string", "number"] },
		read(key, value) {
			if (typeof value === "string" || typeof value === "number") return value;
			throw invalid(key, value, "a string or a number");
		},
	};
}

export function boolean(): Schema<boolean> {
	return {
		json: { type: "boolean" },
		read(key, value) {
			if (typeof value === "boolean") return value;
			throw invalid(key, value, "true or false");
		},
	};
}

/** Any JSON value. @param missing the error if there is none */
export function anyJson(missing: string): Schema<unknown> {
	return {
		json: {},
		read(_, value) {
			if (value !== undefined) return value;
			throw new AdminError(400, missing);
		},
	};
}

/** The operation checks the items itself. @param expected continues "Expected …" */
export function list<Item>(item: Schema<Item>, expected = "a list"): Schema<Item[]> {
	return {
		json: { type: "array", items: item.json },
		read(key, value) {
			if (Array.isArray(value)) return value;
			throw invalid(key, value, expected);
		},
	};
}

export function optional<Value>(schema: Schema<Value>): Optional<Value> {
	return { ...schema, optional: true };
}

/** @param description for people, in the OpenAPI document */
export function described<Of extends Schema<unknown>>(description: string, schema: Of): Of {
	return { ...schema, json: { ...schema.json, description } };
}

/** An object with these keys and no others. */
export function object<Of extends Fields>(fields: Of): Schema<ObjectOf<Of>> {
	const names = Object.keys(fields);
	const properties = Object.fromEntries(Object.entries(fields).map(([name, { json }]) => [name, json]));
	return {
		json: {
			type: "object",
			properties,
			required: names.filter((name) => !isOptional(fields[name])),
			additionalProperties: false,
		},
		read(_, value) {
			// What is not an object has none of the keys.
			const given: Readonly<Record<string, unknown>> = Object(value);
			for (const name of Object.keys(given))
				if (!names.includes(name))
					throw new AdminError(400, `The key "${name}" is unknown. Known keys: ${names.join(", ")}.`);
			const read = Object.entries(fields).flatMap(([name, field]) =>
				given[name] === undefined && isOptional(field) ? [] : [[name, field.read(name, given[name])] as const],
			);
			return Object.fromEntries(read) as ObjectOf<Of>;
		},
	};
}

/** An object with one optional key, whose name depends on the platform. @returns the value of the key */
export function singleKey<Value>(name: string, schema: Schema<Value>): Schema<Value | undefined> {
	const whole = object({ [name]: optional(schema) });
	return { json: whole.json, read: (key, value) => whole.read(key, value)[name] };
}

/** @param expected continues "Expected …" */
export function invalid(key: string, value: unknown, expected: string): AdminError {
	return new AdminError(400, `"${key}" is ${value === undefined ? "missing" : "invalid"}. Expected ${expected}.`);
}

function isOptional(field: Schema<unknown> | undefined): boolean {
	return field !== undefined && "optional" in field;
}
