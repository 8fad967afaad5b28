/** The set-up portal against hostile HTTP, forms, DNS, scans and flash. */

import test from "ava";
import type { FoundNetwork } from "dynreg/contracts/setup";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { answerQuery } from "dynreg/setup/dns-answer";
import { formField } from "dynreg/setup/form";
import { openNetworkStore } from "dynreg/setup/network-record";
import { enteredNetwork, offered } from "dynreg/setup/networks";
import { type Portal, respond } from "dynreg/setup/portal";
import { createRequestReader, type Request } from "dynreg/setup/request";
import { nextSetup, type SetupState, startSetup } from "dynreg/setup/setup-state";
import fc from "fast-check";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { anyText, damagedBytes } from "./hostile-values.js";
import { checkProperty, outcomeOf } from "./properties.js";

const portal: Portal = { crypto, address: "192.168.4.1", token: "0123456789abcdef", accessPoint: "LAMP-c020" };
const password = "an invented password";
const open: SetupState = {
	...startSetup(false)[0],
	phase: "open",
	networks: [{ name: "home", signal: -50, channel: 6, security: "password" }],
};
const body = `t=${portal.token}&n=&o=caf%C3%A9+%26&p=${encodeURIComponent(password)}`;
const right = Buffer.from(
	`POST / HTTP/1.1\r\nHost: 192.168.4.1\r\nAccept-Language: zh-CN,en\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);

/** In pieces of any length. */
function read(bytes: Uint8Array, size: number): Request | number | undefined {
	const reader = createRequestReader(crypto);
	for (let start = 0; start < bytes.length; start += size) {
		const result = reader.read(bytes.subarray(start, start + size));
		if (result !== undefined) return result;
	}
	return undefined;
}

test("HTTP: any bytes, in any pieces, are one request, a refusal or not enough", (t) =>
	checkProperty(
		t,
		fc.tuple(fc.oneof(damagedBytes(right), fc.uint8Array({ maxLength: 300 })), fc.integer({ min: 1, max: 64 })),
		([bytes, size]) => {
			const request = read(bytes, size);
			if (JSON.stringify(request) !== JSON.stringify(read(bytes, bytes.length || 1))) throw new Error("pieces matter");
			if (request === undefined) return;
			if (typeof request === "number") {
				if (![400, 411, 413, 431].includes(request)) throw new Error(`status ${request}`);
				if (respond(portal, open, request).pieces.length === 0) throw new Error("no response");
				return;
			}
			if (request.body.length > 512 || request.path.length > 256 || request.host.length > 256)
				throw new Error("too long");
			const { pieces, network } = respond(portal, open, request);
			if (!/^HTTP\/1\.1 \d{3} [^\r\n]+\r\n([^\r\n]+\r\n)+\r\n$/.test(pieces[0] as string))
				throw new Error("bad header");
			if (network && request.host !== portal.address) throw new Error("a foreign host has an effect");
			if (pieces.join("").includes(password)) throw new Error("the password is shown");
		},
		{ runs: 10_000, recorded: [[right, 1]] },
	));

test("forms: what a browser encodes is what arrives, and anything else is an error", async (t) => {
	const texts = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0"));
	await checkProperty(t, fc.tuple(texts, texts), ([name, entered]) => {
		const form = new URLSearchParams({ t: "x", n: name, p: entered }).toString();
		if (formField(crypto, Buffer.from(form), "n") !== name) throw new Error("another name");
		if (formField(crypto, Buffer.from(form), "p") !== entered) throw new Error("another password");
	});
	await checkProperty(t, fc.oneof(fc.uint8Array({ maxLength: 80 }), damagedBytes(Buffer.from(body))), (bytes) => {
		for (const letter of "tnop")
			try {
				if (formField(crypto, bytes, letter)?.includes("\0")) throw new Failure("session", "unexpected", "retry");
			} catch (error) {
				if (error instanceof Failure || !(error instanceof Error)) throw error;
			}
	});
});

test("entered networks: any text is a network that fits the chip, or a mistake with a sentence", (t) =>
	checkProperty(t, fc.tuple(anyText, anyText), ([name, entered]) => {
		const network = enteredNetwork(crypto, name, entered);
		if (typeof network === "string") return;
		const bytes = Buffer.byteLength(network.name);
		const { length } = crypto.utf8(network.password?.reveal() ?? "12345678");
		if (bytes < 1 || bytes > 32 || length < 8 || length > 64) throw new Error(`${bytes} and ${length} bytes`);
	}));

const query = Uint8Array.from([
	...[0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1],
	...[7, ...Buffer.from("captive"), 5, ...Buffer.from("apple"), 3, ...Buffer.from("com"), 0, 0, 1, 0, 1],
	...[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0],
]);

test("DNS: any packet is dropped or has a short, complete response with its id", (t) =>
	checkProperty(
		t,
		fc.oneof(damagedBytes(query), fc.uint8Array({ maxLength: 600 })),
		(bytes) => {
			const answer = answerQuery(bytes, Uint8Array.of(192, 168, 4, 1));
			if (answer === undefined) return;
			if (answer[0] !== bytes[0] || answer[1] !== bytes[1] || !((answer[2] as number) & 0x80))
				throw new Error("no response to this query");
			// A question, an address and an OPT record: no amplification.
			if (answer.length > bytes.length + 16 || answer.length > 512) throw new Error(`${answer.length} bytes`);
			const [questions = 0, answers = 0, authorities = 0, additional = 0] = [4, 6, 8, 10].map(
				(at) => (answer[at] as number) * 256 + (answer[at + 1] as number),
			);
			if (questions > 1 || answers > questions || authorities > 0 || additional > questions) throw new Error("counts");
			const question = questions ? answer.length - 12 - answers * 16 - additional * 11 : 0;
			if (questions ? question < 5 : answer.length !== 12) throw new Error("lengths");
		},
		{ runs: 20_000, recorded: [query] },
	));

test("scans: any list makes a page of at most 16 networks", (t) =>
	checkProperty(
		t,
		fc.array(
			fc.record({
				name: anyText,
				signal: fc.integer({ min: -120, max: 0 }),
				channel: fc.integer({ min: 0, max: 255 }),
				security: fc.constantFrom("open", "password", "unsupported"),
			}) satisfies fc.Arbitrary<FoundNetwork>,
			{ maxLength: 60 },
		),
		(networks) => {
			const [state] = nextSetup(startSetup(false)[0], { type: "scanned", networks }, 0);
			const shown = offered(networks);
			if (shown.length > 16 || new Set(shown.map(({ name }) => name)).size !== shown.length)
				throw new Error("the list");
			const request = createRequestReader(crypto).read(Buffer.from("GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n"));
			const page = respond(portal, state, request as Request).pieces.join("");
			if (Buffer.from(page).toString() !== page) throw new Error("not text");
			if ((page.match(/<script/g) ?? []).length !== 1) throw new Error("a name is markup");
		},
	));

test("flash: any two values are a network, none, or a failure with a sentence", async (t) => {
	const flash = new InMemoryFlash(4000);
	const store = openNetworkStore(flash, crypto);
	store.commit({ name: "home", password: new Secret(password) });
	const record = flash.values.get("w0") as Uint8Array;
	const values = fc.oneof(damagedBytes(record), fc.uint8Array({ maxLength: 120 }));
	await checkProperty(t, fc.tuple(values, values), ([one, other]) => {
		flash.values.set("w0", one);
		flash.values.set("w1", other);
		const found = outcomeOf(() => store.load());
		if (found === undefined || found instanceof Failure) return;
		if (found.name !== "home" || found.password?.reveal() !== password)
			throw new Error("a network that was never stored");
	});
});
