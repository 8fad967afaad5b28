import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import test from "ava";
import { decryptPayload } from "dynreg/clouds/tencent/payload";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";
import { encryptPayload as sealFor } from "./encrypt-payload.js";

const productSecret = "SampleSecretOfTheTests01";
const psk = "AAECAwQFBgcICQoLDA0ODw==";
const good = `{"encryptionType":2,"psk":"${psk}"}`;

const vectors = JSON.parse(readFileSync(new URL("../../../conformance/vectors.json", import.meta.url), "utf8"));

/** A certificate and its key, PEM. What it says does not matter here. */
const pair = createAuthority();
const pkcs1 = (key: string) => createPrivateKey(key).export({ format: "pem", type: "pkcs1" }).toString();

const seal = (plain: string | Buffer, padding?: Buffer) => sealFor(productSecret, plain, padding);

function open(payload: string, length = good.length) {
	return decryptPayload(crypto, new Secret(productSecret), payload, length, undefined);
}

function refusal(payload: string, length?: number): string {
	try {
		open(payload, length);
	} catch (error) {
		if (error instanceof Failure && error.code === "bad-answer" && error.phase === "register")
			return sentence(error).replace("The registration endpoint's response ", "");
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

test("a psk of up to 48 bytes is accepted, as by the vendor's SDK", (t) => {
	for (const [bytes, taken] of [
		[15, false],
		[16, true],
		[48, true],
		[49, false],
	] as const) {
		const plain = `{"encryptionType":2,"psk":"${Buffer.alloc(bytes, 7).toString("base64")}"}`;
		if (taken) t.is(open(seal(plain), plain.length).secret.reveal(), Buffer.alloc(bytes, 7).toString("base64"));
		else t.is(refusal(seal(plain), plain.length), "holds no valid psk. Check endpoints.register.");
	}
});

test("invariant 4: a payload that is not base64 is refused", (t) => {
	for (const payload of ["*", seal(good).slice(1), `${seal(good)} `])
		t.is(refusal(payload), "holds a payload that is not base64. Check endpoints.register.");
});

test("invariant 4: a payload that is not whole blocks is refused", (t) => {
	t.is(refusal(""), "holds a payload of 0 bytes. Expected a multiple of 16. Check endpoints.register.");
	t.is(refusal("AAAA"), "holds a payload of 3 bytes. Expected a multiple of 16. Check endpoints.register.");
});

test("invariant 4: a length that does not fit the payload is refused", (t) => {
	for (const length of [0, -1, 48, 52.5, 65, 1e9, Number.NaN])
		t.is(
			refusal(seal(good), length),
			`announces ${String(length)} bytes of plain text, but holds 64 with padding. Check endpoints.register.`,
		);
});

test("invariant 4: padding that is not zero is refused, PKCS #7 too", (t) => {
	const pad = 64 - good.length;
	t.is(
		refusal(seal(good, Buffer.alloc(pad, pad))),
		"cannot be decrypted with productSecret. Compare productSecret with the product's page in the console. Check endpoints.register.",
	);
	t.is(
		refusal(seal(good, Buffer.concat([Buffer.alloc(pad - 1), Buffer.of(1)]))),
		"cannot be decrypted with productSecret. Compare productSecret with the product's page in the console. Check endpoints.register.",
	);
});

test("invariant 4: a length that cuts the text short is refused", (t) => {
	t.is(
		refusal(seal(good), good.length - 1),
		"cannot be decrypted with productSecret. Compare productSecret with the product's page in the console. Check endpoints.register.",
	);
});

test("invariant 4: a plain text that is not a JSON object is refused", (t) => {
	for (const [plain, type] of [
		["[]", "array"],
		["null", "null"],
		["2", "number"],
		['"2"', "string"],
	] as const)
		t.is(
			refusal(seal(plain), plain.length),
			`holds payload of type ${type}. Expected an object. Check endpoints.register.`,
		);
	for (const plain of ["x", '{"encryptionType":2', Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x7d)])
		t.is(
			refusal(seal(plain), plain.length),
			"cannot be decrypted with productSecret. Compare productSecret with the product's page in the console. Check endpoints.register.",
		);
});

test("invariant 4: a psk that is missing or malformed is refused", (t) => {
	for (const value of ['""', '"AAECAwQFBgcICQoLDA0ODw"', '"not base64 at all======"']) {
		const plain = `{"encryptionType":2,"psk":${value}}`;
		t.is(refusal(seal(plain), plain.length), "holds no valid psk. Check endpoints.register.");
	}
	t.is(refusal(seal('{"encryptionType":2}'), 20), "holds no valid psk. Check endpoints.register.");
});

test("a field of another type inside the payload is named with its type, never with its value", (t) => {
	const wrong = ["null", "[]", "{}", "true", '"SSSS"', "17"] as const;
	const types = ["null", "array", "object", "boolean", "string", "number"];
	for (const [content, key, expected] of [
		[(value: string) => `{"encryptionType":${value},"psk":"${psk}"}`, "encryptionType", "a number"],
		[(value: string) => `{"encryptionType":2,"psk":${value}}`, "psk", "a string"],
		[(value: string) => `{"encryptionType":1,"clientCert":${value},"clientKey":"a"}`, "clientCert", "a string"],
		[(value: string) => `{"encryptionType":1,"clientCert":"a","clientKey":${value}}`, "clientKey", "a string"],
	] as const)
		for (const [index, value] of wrong.entries()) {
			const type = types[index] as string;
			if (expected.endsWith(type)) continue;
			const plain = content(value);
			t.is(
				refusal(seal(plain), plain.length),
				`holds ${key} of type ${type}. Expected ${expected}. Check endpoints.register.`,
			);
		}
	t.is(refusal(seal("{}"), 2), "holds no valid encryptionType. Check endpoints.register.");
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

test("a certificate product's response is certificate and key, PEM to DER", async (t) => {
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
		{ clientCert: "", clientKey: key },
		{ clientCert: certificate, clientKey: "" },
		{ clientCert: certificate.slice(0, 300), clientKey: key },
	]) {
		const plain = JSON.stringify({ encryptionType: 1, ...content });
		t.is(refusal(seal(plain), plain.length), "holds no valid certificate and private key. Check endpoints.register.");
	}
	for (const [content, missing] of [
		[{ clientCert: certificate }, "clientKey"],
		[{ clientKey: key }, "clientCert"],
	] as const) {
		const plain = JSON.stringify({ encryptionType: 1, ...content });
		t.is(refusal(seal(plain), plain.length), `holds no valid ${missing}. Check endpoints.register.`);
	}
});

test("a private-ca product uses the board's certificate or names what is missing", (t) => {
	const vector = vectors.tencent_payload.find((each: { len: number }) => each.len === 20);
	const secret = new Secret(vector.productSecret);
	const own = { kind: "certificate", certificates: [Uint8Array.of(1)], secret: new Secret("AA==") } as const;
	t.is(decryptPayload(crypto, secret, vector.payload, vector.len, own), own);
	const error = t.throws(() => decryptPayload(crypto, secret, vector.payload, vector.len, undefined), {
		instanceOf: Failure,
	});
	t.like(error, { phase: "register", code: "bad-configuration", action: "needs-attention" });
	t.is(
		sentence(error as Failure),
		"clientCertificate is missing. The product requires a client certificate from a private authority. Expected PEM text in both clientCertificate and clientKey: a certificate, and an unencrypted RSA key.",
	);
});
