/** PEM, base64, UTF-8 and time servers' answers: what they are, or an error, and never much work. */

import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { certificateFromPem } from "dynreg/clouds/tencent/payload";
import { Failure } from "dynreg/core/errors";
import { readResponse, timeServers } from "dynreg/time/sntp";
import fc from "fast-check";
import { crypto } from "../support/node-crypto.js";
import { recordedBytes, recordedTexts } from "./corpus.js";
import { anyText, anyValue, damagedBytes } from "./hostile-values.js";
import { checkProperty, outcomeOf } from "./properties.js";

/** What the work comes to, where the contract says that it may throw any `Error`. */
function resultOf<Value>(work: () => Value): Value | undefined {
	try {
		return work();
	} catch (error) {
		if (error instanceof Error) return undefined;
		throw error;
	}
}

const labels = fc.constantFrom("CERTIFICATE", "PRIVATE KEY", "RSA PRIVATE KEY", "X509 CRL", "");
const fence = fc.tuple(fc.constantFrom("BEGIN", "END"), labels).map(([word, label]) => `-----${word} ${label}-----`);
const pieces = fc.array(fc.oneof(fence, fc.constantFrom("AAAA", "AA==", "\n", " \r\n", "*", "="), anyText), {
	maxLength: 12,
});

test("PEM: any text is DER or an error", async (t) => {
	const { certificate, key } = await createAuthority();
	const texts = fc.oneof(
		anyText,
		pieces.map((each) => each.join("")),
		damagedBytes(Buffer.from(certificate + key)).map((bytes) => Buffer.from(bytes).toString()),
	);
	await checkProperty(
		t,
		texts,
		(text) => {
			const der = resultOf(() => crypto.fromPem(text));
			if (der && der.length === 0) throw new Error("no bytes");
			const credential = resultOf(() => certificateFromPem(crypto, text, text));
			if (credential && credential.certificates.length === 0) throw new Error("no certificate");
		},
		{ runs: 5000, recorded: recordedTexts("pem") },
	);
});

test("base64 and UTF-8: what is read is written as it was", async (t) => {
	const base64 = fc.oneof(
		anyText,
		fc.base64String(),
		fc.string({ unit: fc.constantFrom(..."AZaz09+/=- \n"), maxLength: 24 }),
	);
	await checkProperty(t, base64, (text) => {
		const bytes = resultOf(() => crypto.fromBase64(text));
		if (bytes && crypto.base64(bytes) !== text) throw new Error("another text");
	});
	await checkProperty(t, fc.uint8Array({ maxLength: 40 }), (bytes) => {
		const text = resultOf(() => crypto.text(bytes));
		if (text !== undefined && Buffer.compare(crypto.utf8(text), bytes) !== 0) throw new Error("other bytes");
	});
});

const random = Uint8Array.of(0xd5, 1, 2, 3, 0xfe, 5, 6, 7);
const right = new Uint8Array(48);
right.set([0x24, 2, 6, 0xec]);
right.set(random, 24);
new DataView(right.buffer).setUint32(40, 3_980_000_000);

test("SNTP: any packet is a time from 1970 to 2106 or none, with matching bytes", (t) =>
	checkProperty(
		t,
		fc.oneof(fc.uint8Array({ maxLength: 70 }), damagedBytes(right)),
		(bytes) => {
			const time = readResponse(bytes, random, 20);
			if (time === undefined) return;
			if (!(time >= 0 && time < Date.UTC(2106, 1, 8))) throw new Error(`it is ${time}`);
			if (Buffer.compare(bytes.subarray(24, 32), random) !== 0) throw new Error("another client's response");
		},
		{ runs: 20_000, recorded: recordedBytes("sntp") },
	));

test("SNTP: any value of sntp is servers with a port, or one sentence", (t) =>
	checkProperty(t, fc.oneof(anyValue, fc.string({ unit: fc.constantFrom(..."a1.:, -"), maxLength: 20 })), (value) => {
		const servers = outcomeOf(() => timeServers(value));
		if (servers instanceof Failure) return;
		for (const { host, port } of servers)
			if (!/^[\w.-]+$/.test(host) || !(port >= 1 && port <= 65535)) throw new Error(`${host}:${port}`);
	}));
