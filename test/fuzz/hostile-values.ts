/** What may come from a network or a worn flash: right things made wrong, and things that never were right. */

import fc from "fast-check";

/** Names that mean something to the language, and to the parsers. */
const names = [
	...["__proto__", "constructor", "prototype", "toString", "valueOf", "toJSON", "then", "length", "$bytes", ""],
	...["code", "message", "payload", "len", "Response", "Error", "Code", "Message", "Payload", "Len", "data"],
	...["encryptionType", "psk", "clientCert", "clientKey", "productKey", "deviceName", "deviceSecret", "deviceToken"],
	...["clientId", "method", "params", "clientToken", "status", "actionId", "id"],
	...["ntptime1", "ntptime2", "deviceSendTime", "serverRecvTime", "serverSendTime"],
];

const numbers = [0, -0, 1, -1, 2, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e21, 1e308, -1e308, 5e-324, 200, 1010, 6289];

/** Any UTF-16, lone surrogates too. */
export const anyText = fc.oneof(
	fc.string({ unit: "binary", maxLength: 40 }),
	fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
	fc.constantFrom("", "__proto__", "\0", "\ud800", "\udfff\ud800", "\r\n", "1e999", "NaN", "x".repeat(5000)),
);

/** Any value that JSON can carry, the nasty ones more often than they come by themselves. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, depthSize: "small" },
		fc.oneof(
			fc.constantFrom<unknown>(null, true, false, ...numbers),
			fc.double({ noNaN: true, noDefaultInfinity: true }),
			anyText,
			fc.constantFrom<unknown>(
				{ length: 2 ** 31 },
				{ length: 1e308 },
				{ toString: 1 },
				{ toString: null, valueOf: null },
			),
		),
		fc.array(tie("value"), { maxLength: 4 }),
		objectOf(tie("value")),
	),
})).value;

function objectOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
	const key = fc.oneof(fc.constantFrom(...names), anyText);
	// Own properties, as `JSON.parse` makes them: "__proto__" is one among others.
	return fc
		.array(fc.tuple(key, value), { maxLength: 6 })
		.map((entries) =>
			JSON.parse(`{${entries.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`)}}`),
		);
}

/** JSON, or nearly. */
const anyJson = fc.oneof(
	anyValue.map((value) => JSON.stringify(value)),
	fc
		.tuple(fc.constantFrom('{"a":', "[", '{"Response":', '[{"__proto__":'), fc.integer({ min: 1, max: 3000 }))
		.map(([opening, depth]) => opening.repeat(depth)),
	fc
		.tuple(fc.constantFrom(["[", "]"], ['{"data":', "}"]), fc.integer({ min: 1, max: 1500 }))
		.map(([[open = "", close = ""], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`),
	fc.constantFrom(
		"",
		"null",
		"{}",
		"[]",
		'"',
		"1e999",
		"-",
		"nul",
		"{'a':1}",
		'{"a":1,"a":2}',
		"\ufeff{}",
		'"\\ud800"',
	),
);

/** A right object in which one thing, at any depth, is another or is not there. */
function changed(right: unknown): fc.Arbitrary<unknown> {
	const paths = pathsIn(right);
	return fc
		.tuple(fc.constantFrom(...paths), fc.option(anyValue, { freq: 5 }))
		.map(([path, value]) => replaced(right, path, value));
}

function pathsIn(value: unknown): string[][] {
	if (typeof value !== "object" || value === null) return [[]];
	return [[], ...Object.entries(value).flatMap(([key, each]) => pathsIn(each).map((path) => [key, ...path]))];
}

function replaced(value: unknown, [key, ...path]: readonly string[], by: unknown): unknown {
	if (key === undefined) return by;
	const copy = { ...(value as Record<string, unknown>) };
	if (path.length === 0 && by === null) delete copy[key];
	else copy[key] = replaced(copy[key], path, by);
	return copy;
}

interface Cut {
	/** From 0 to 1: where. */
	readonly at: number;
	readonly length: number;
	readonly kind: "flip" | "cut" | "double" | "insert" | "erase" | "most";
	readonly bytes: Uint8Array;
}

const cut: fc.Arbitrary<Cut> = fc.record({
	at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
	length: fc.integer({ min: 1, max: 32 }),
	kind: fc.constantFrom("flip", "cut", "double", "insert", "erase", "most"),
	bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});

/** Right bytes with bits flipped, pieces lost, doubled, overwritten or pushed in between. */
export function damagedBytes(right: Uint8Array): fc.Arbitrary<Uint8Array> {
	return fc.array(cut, { minLength: 1, maxLength: 4 }).map((cuts) => cuts.reduce(damage, Buffer.from(right)));
}

function damage(bytes: Buffer, { at, length, kind, bytes: others }: Cut): Buffer {
	const start = Math.floor(at * bytes.length);
	const end = Math.min(bytes.length, start + length);
	switch (kind) {
		case "flip": {
			const copy = Buffer.from(bytes);
			if (start < end) copy[start] = (bytes[start] ?? 0) ^ (1 << (length & 7));
			return copy;
		}
		case "cut":
			return bytes.subarray(0, start);
		case "double":
			return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
		case "insert":
			return Buffer.concat([bytes.subarray(0, start), others, bytes.subarray(start)]);
		case "erase":
			return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
		case "most":
			return Buffer.from(bytes).fill(0xff, start, end);
	}
}

/** Bytes in the place of this right JSON. */
export function replaceValue(right: unknown): fc.Arbitrary<Uint8Array> {
	return fc.oneof(
		{ weight: 4, arbitrary: changed(right).map((value) => Buffer.from(JSON.stringify(value) ?? "")) },
		{ weight: 2, arbitrary: damagedBytes(Buffer.from(JSON.stringify(right))) },
		{ weight: 2, arbitrary: anyJson.map((text) => Buffer.from(text)) },
		{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
	);
}

/** The same as text, also such as no bytes can be. */
export function replaceText(right: unknown): fc.Arbitrary<string> {
	return fc.oneof(
		{ weight: 3, arbitrary: replaceValue(right).map((bytes) => Buffer.from(bytes).toString()) },
		{ weight: 1, arbitrary: anyText },
	);
}
