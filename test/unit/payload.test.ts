import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { openPayload } from "dynreg/clouds/tencent/payload";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";
import { seal as sealFor } from "./seal.js";

const productSecret = "SampleSecretOfTheTests01";
const psk = "AAECAwQFBgcICQoLDA0ODw==";
const good = `{"encryptionType":2,"psk":"${psk}"}`;

const vectors = JSON.parse(readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"));

/** A certificate and its key, PEM. What it says does not matter here. */
const pair = createAuthority();
const pkcs1 = (key: string) => createPrivateKey(key).export({ format: "pem", type: "pkcs1" }).toString();

const seal = (plain: string | Buffer, padding?: Buffer) => sealFor(productSecret, plain, padding);

function open(payload: unknown, length: unknown = good.length) {
	return openPayload(crypto, new Secret(productSecret), payload, length, undefined);
}

function refusal(payload: unknown, length?: unknown): string {
	try {
		open(payload, length);
	} catch (error) {
		if (error instanceof Failure && error.code === "bad-answer" && error.phase === "register")
			return sentence(error).replace("The registration endpoint's answer ", "");
		throw error;
	}
	throw new Error("it was accepted");
}

test("a sealed psk is opened, and kept character for character", (t) => {
	t.is(open(seal(good)).secret.reveal(), psk);
});

test("a plain text that fills its blocks needs no padding", (t) => {
	const plain = good.padEnd(64, " ");
	t.is(open(seal(plain), 64).secret.reveal(), psk);
});

test("a longer psk than usual is taken, up to the 48 bytes that the vendor's SDK has room for", (t) => {
	for (const [bytes, taken] of [
		[15, false],
		[16, true],
		[48, true],
		[49, false],
	] as const) {
		const plain = `{"encryptionType":2,"psk":"${Buffer.alloc(bytes, 7).toString("base64")}"}`;
		if (taken) t.is(open(seal(plain), plain.length).secret.reveal(), Buffer.alloc(bytes, 7).toString("base64"));
		else t.is(refusal(seal(plain), plain.length), "holds no valid psk.");
	}
});

test("invariant 4: a payload that is not base64 is refused", (t) => {
	for (const payload of [undefined, null, 5, "*", seal(good).slice(1), `${seal(good)} `])
		t.is(refusal(payload), "has a payload that is not base64.");
});

test("invariant 4: a payload that is not whole blocks is refused", (t) => {
	t.is(refusal(""), "has a payload of 0 bytes, not a multiple of 16.");
	t.is(refusal("AAAA"), "has a payload of 3 bytes, not a multiple of 16.");
});

test("invariant 4: a length that does not fit the payload is refused", (t) => {
	for (const length of [null, "53", 0, -1, 48, 52.5, 65, 1e9, Number.NaN])
		t.is(refusal(seal(good), length), `says ${String(length)} bytes of plain text, but has 64, padding included.`);
});

test("invariant 8: what stands in the place of a number is not shown, as it may be the secret", (t) => {
	for (const length of [{}, [53], "a-text-of-16-characters"])
		t.is(refusal(seal(good), length), "says no number of bytes of plain text, but has 64, padding included.");
});

test("invariant 4: padding that is not zero is refused, PKCS #7 too", (t) => {
	const pad = 64 - good.length;
	t.is(refusal(seal(good, Buffer.alloc(pad, pad))), "does not decrypt with this product's secret.");
	t.is(
		refusal(seal(good, Buffer.concat([Buffer.alloc(pad - 1), Buffer.of(1)]))),
		"does not decrypt with this product's secret.",
	);
});

test("invariant 4: a length that cuts the text short is refused", (t) => {
	t.is(refusal(seal(good), good.length - 1), "does not decrypt with this product's secret.");
});

test("invariant 4: a plain text that is not a JSON object is refused", (t) => {
	for (const plain of ["[]", "null", "2", "x", '{"encryptionType":2', Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x7d)])
		t.is(refusal(seal(plain), plain.length), "does not decrypt with this product's secret.");
});

test("invariant 4: a psk that is missing or malformed is refused", (t) => {
	for (const value of ["null", '""', "5", '"AAECAwQFBgcICQoLDA0ODw"', '"not base64 at all======"']) {
		const plain = `{"encryptionType":2,"psk":${value}}`;
		t.is(refusal(seal(plain), plain.length), "holds no valid psk.");
	}
	t.is(refusal(seal('{"encryptionType":2}'), 20), "holds no valid psk.");
});

test("another kind of product is named", (t) => {
	const plain = '{"encryptionType":3}';
	t.regex(refusal(seal(plain), plain.length), /encryptionType 3/);
});

test("invariant 8: no refusal shows the secret or the plain text", (t) => {
	const plain = `{"encryptionType":2,"psk":"${"S".repeat(23)}="}`;
	for (const said of [refusal(seal(plain), plain.length), refusal(seal(good), 1)]) {
		t.false(said.includes(productSecret));
		t.false(said.includes("SSSS"));
	}
});

test("a certificate product's answer is certificate and key, PEM turned into DER", async (t) => {
	const { certificate, key } = await pair;
	for (const clientKey of [key, pkcs1(key)]) {
		const plain = JSON.stringify({ encryptionType: 1, clientCert: certificate, clientKey });
		const credential = open(seal(plain), plain.length) as CertificateCredential;
		t.is(credential.kind, "certificate");
		t.deepEqual(
			credential.certificates.map((der) => Buffer.from(der)),
			[new X509Certificate(certificate).raw],
		);
		const der = Buffer.from(credential.secret.reveal(), "base64");
		t.deepEqual(
			der,
			createPrivateKey(clientKey).export({ format: "der", type: clientKey === key ? "pkcs8" : "pkcs1" }),
		);
	}
});

test("several certificates are a chain, in their order", async (t) => {
	const { certificate, key } = await pair;
	const { certificate: other } = await createAuthority();
	const plain = JSON.stringify({ encryptionType: 1, clientCert: `${certificate}${other}`, clientKey: key });
	const { certificates } = open(seal(plain), plain.length) as CertificateCredential;
	t.deepEqual(
		certificates.map((der) => Buffer.from(der)),
		[certificate, other].map((pem) => new X509Certificate(pem).raw),
	);
});

test("invariant 4: a certificate without its key, or the other way round, is refused", async (t) => {
	const { certificate, key } = await pair;
	for (const content of [
		{ clientCert: certificate },
		{ clientKey: key },
		{ clientCert: "", clientKey: key },
		{ clientCert: certificate, clientKey: "" },
		{ clientCert: certificate.slice(0, 300), clientKey: key },
		{ clientCert: 5, clientKey: key },
		{ clientCert: certificate, clientKey: null },
	]) {
		const plain = JSON.stringify({ encryptionType: 1, ...content });
		t.is(refusal(seal(plain), plain.length), "holds no valid certificate and key.");
	}
});

test("a private authority's product takes the board's own certificate, and says what is missing without one", (t) => {
	const vector = vectors.tencent_payload.find((each: { len: number }) => each.len === 20);
	const secret = new Secret(vector.productSecret);
	const own = { kind: "certificate", certificates: [Uint8Array.of(1)], secret: new Secret("AA==") } as const;
	t.is(openPayload(crypto, secret, vector.payload, vector.len, own), own);
	const error = t.throws(() => openPayload(crypto, secret, vector.payload, vector.len, undefined), {
		instanceOf: Failure,
	});
	t.like(error, { phase: "register", code: "bad-configuration", action: "stop" });
	t.is(
		sentence(error as Failure),
		"clientCertificate is missing. The product takes the device's own certificate, from a private authority. Expected PEM texts in both clientCertificate and clientKey: certificates, and an unencrypted RSA key.",
	);
});
