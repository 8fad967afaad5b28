import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import test from "ava";
import { tencent } from "dynreg/clouds/tencent/cloud";
import { decryptPayload } from "dynreg/clouds/tencent/payload";
import type { CertificateCredential } from "dynreg/contracts/credential";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence } from "dynreg/messages/sentence";
import { certificateFromPem } from "dynreg/x509/client-certificate";
import { crypto } from "../support/node-crypto.js";
import { certificate as build, type KeyPair, keys, type Parts } from "../trust/certificate-builder.js";
import { der, octets, oid, sequence, utcTime } from "../trust/der-writer.js";
import { encryptPayload } from "./encrypt-payload.js";

const pem = (label: string, bytes: Uint8Array) =>
	`-----BEGIN ${label}-----\n${Buffer.from(bytes).toString("base64")}\n-----END ${label}-----\n`;
const issue = (changes: Partial<Parts> = {}) =>
	pem(
		"CERTIFICATE",
		build({ subject: "PRODUCT001board-1", issuer: "CA", key: keys.server, signer: keys.root, ...changes }),
	);
const pkcs8 = ({ privateKey }: { readonly privateKey: KeyObject }) =>
	privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const pkcs1 = ({ privateKey }: { readonly privateKey: KeyObject }) =>
	privateKey.export({ type: "pkcs1", format: "pem" }).toString();

const own = issue();
const authority = issue({ subject: "CA", key: keys.root });
const ownKey = pkcs8(keys.server);

/** The own key with one of its numbers changed: 3 p, 4 q, 5 dP, 6 dQ, 7 qInv. */
function damaged(index: number): string {
	const names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;
	const jwk = keys.server.privateKey.export({ format: "jwk" }) as Record<(typeof names)[number], string>;
	const numbers = names.map((name, at) => {
		const bytes = Buffer.from(jwk[name], "base64url");
		if (at === index) bytes[bytes.length - 2] = (bytes[bytes.length - 2] as number) ^ 1;
		return der(0x02, (bytes[0] as number) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
	});
	return pem("RSA PRIVATE KEY", sequence(der(0x02, Buffer.of(0)), ...numbers));
}

const wrapped = (id: string, key: Buffer) =>
	pem("PRIVATE KEY", sequence(der(0x02, Buffer.of(0)), sequence(oid(id), Buffer.of(5, 0)), octets(key)));
const ownPkcs1 = keys.server.privateKey.export({ type: "pkcs1", format: "der" });
const encrypted = (type: "pkcs1" | "pkcs8") =>
	keys.server.privateKey
		.export({ type, format: "pem", cipher: "aes-128-cbc", passphrase: "a made-up phrase" })
		.toString();
const old: Pick<Parts, "from" | "to"> = { from: utcTime("150101000000Z"), to: utcTime("251231235959Z") };

/** What is wrong, certificate, key, key of the configuration, problem. */
const unusable: readonly (readonly [what: string, certificate: string, key: string, at: string, problem: string])[] = [
	["a key of another certificate", own, pkcs8(keys.other), "clientKey", "mismatched"],
	["a key of another certificate, PKCS #1", own, pkcs1(keys.other), "clientKey", "mismatched"],
	["an authority first in the chain", authority + own, ownKey, "clientKey", "mismatched"],
	["an EC key in PKCS #8", own, pkcs8(keys.p256), "clientKey", "invalid"],
	["an Ed25519 key", own, pkcs8(keys.ed25519), "clientKey", "invalid"],
	["a key for RSA-PSS", own, pkcs8(keys.pss), "clientKey", "invalid"],
	["its own key, but for RSA-PSS", own, wrapped("1.2.840.113549.1.1.10", ownPkcs1), "clientKey", "invalid"],
	["an encrypted key, PKCS #8", own, encrypted("pkcs8"), "clientKey", "invalid"],
	["an encrypted key, PKCS #1", own, encrypted("pkcs1"), "clientKey", "invalid"],
	["a certificate as the key", own, own, "clientKey", "invalid"],
	[
		"a public key",
		own,
		pem("PRIVATE KEY", keys.server.publicKey.export({ type: "spki", format: "der" })),
		"clientKey",
		"invalid",
	],
	["a key that is no PEM", own, "x", "clientKey", "invalid"],
	["a key that is no DER", own, pem("PRIVATE KEY", Buffer.from("no key")), "clientKey", "invalid"],
	["a key that is cut off", own, pem("RSA PRIVATE KEY", ownPkcs1.subarray(0, 700)), "clientKey", "invalid"],
	...[3, 4, 5, 6, 7].map(
		(index) => [`a key with a wrong number ${index}`, own, damaged(index), "clientKey", "invalid"] as const,
	),
	["a wrong modulus in the key", own, damaged(0), "clientKey", "mismatched"],
	["a pair on a curve", issue({ key: keys.p256 }), pkcs8(keys.p256), "clientCertificate", "unsupported"],
	["a certificate on a curve with an RSA key", issue({ key: keys.p384 }), ownKey, "clientCertificate", "unsupported"],
	["an Ed25519 pair", issue({ key: keys.ed25519 }), pkcs8(keys.ed25519), "clientCertificate", "unsupported"],
	["a pair for RSA-PSS", issue({ key: keys.pss }), pkcs8(keys.pss), "clientCertificate", "unsupported"],
	["RSA of 1024 bits", issue({ key: keys.short }), pkcs8(keys.short), "clientCertificate", "weak"],
	["RSA of 2040 bits", issue({ key: keys.nearly }), pkcs8(keys.nearly), "clientCertificate", "weak"],
	["RSA with the exponent 3", issue({ key: keys.exponent3 }), pkcs8(keys.exponent3), "clientCertificate", "weak"],
	["a signature with SHA-1", issue({ algorithm: "rsaSha1" }), ownKey, "clientCertificate", "weak"],
	["expired before 2026", issue(old), ownKey, "clientCertificate", "expired"],
	["a certificate that is no PEM", "x", ownKey, "clientCertificate", "invalid"],
	["a certificate that is no DER", pem("CERTIFICATE", Buffer.from("garbage")), ownKey, "clientCertificate", "invalid"],
	[
		"a certificate that is cut off",
		pem("CERTIFICATE", crypto.fromPem(own).slice(0, -9)),
		ownKey,
		"clientCertificate",
		"invalid",
	],
	[
		"garbage behind the certificate",
		own + pem("CERTIFICATE", Buffer.from("garbage")),
		ownKey,
		"clientCertificate",
		"invalid",
	],
	["a key as the certificate", ownKey, ownKey, "clientCertificate", "invalid"],
	["certificate and key in one text", own + ownKey, ownKey, "clientCertificate", "invalid"],
	["key and certificate in one text", ownKey + own, ownKey, "clientCertificate", "invalid"],
	[
		"a trusted certificate of OpenSSL",
		own.replaceAll(" CERT", " TRUSTED CERT"),
		ownKey,
		"clientCertificate",
		"invalid",
	],
];

const board = { productId: "PRODUCT001", productSecret: "SampleSecretOfTheTests01", deviceName: "board-1" };

function failureOf(act: () => unknown): Failure {
	try {
		act();
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

const response = (clientCert: string, clientKey: string, now?: number) => {
	const plain = JSON.stringify({ encryptionType: 1, clientCert, clientKey });
	const secret = new Secret(board.productSecret);
	return decryptPayload(
		crypto,
		secret,
		encryptPayload(board.productSecret, plain),
		Buffer.byteLength(plain),
		undefined,
		now,
	) as CertificateCredential;
};

for (const [what, clientCertificate, clientKey, key, reason] of unusable) {
	test(`invariant 4: refused in a configuration, by the key at fault: ${what}`, (t) => {
		const failure = failureOf(() => tencent.device({ ...board, clientCertificate, clientKey }, crypto, undefined));
		t.like(failure, { phase: "configuration", code: "bad-configuration", action: "needs-attention", key, reason });
		t.regex(sentence(failure, { cloud: "tencent" }), new RegExp(`^${key} (is|has) `));
	});

	test(`invariant 4: refused from a platform: ${what}`, (t) => {
		const failure = failureOf(() => response(clientCertificate, clientKey));
		const expected = reason === "invalid" ? "no-certificate" : reason;
		t.like(failure, { phase: "register", code: "bad-answer", action: "retry", reason: expected });
		const told = sentence(failure);
		t.true(told.startsWith("The registration endpoint's response holds "), told);
		t.false(told.includes("does not know"), told);
	});
}

const long = generateKeyPairSync("rsa", { modulusLength: 4096 });
for (const [what, certificate, key, count] of [
	["PKCS #8", own, ownKey, 1],
	["PKCS #1", own, pkcs1(keys.server), 1],
	["with its authority", own + authority, ownKey, 2],
	["with an authority on a curve", own + issue({ subject: "CA", key: keys.p384 }), ownKey, 2],
	["RSA of 3072 bits", issue({ key: keys.long }), pkcs8(keys.long), 1],
	["RSA of 4096 bits", issue({ key: long as KeyPair }), pkcs8(long), 1],
	["an authority's own", issue({ subject: "CA", key: keys.root }), pkcs8(keys.root), 1],
	["signed on a curve", issue({ algorithm: "ecdsaSha256", signer: keys.p256 }), ownKey, 1],
	["with text around", `Bag Attributes\r\n${own.replaceAll("\n", "\r\n")}end`, ownKey, 1],
] as const)
	test(`a pair that a connection can be opened with is accepted: ${what}`, (t) => {
		const { certificates, secret } = certificateFromPem(crypto, certificate, key);
		t.is(certificates.length, count);
		t.true(
			createPrivateKey({
				key: Buffer.from(secret.reveal(), "base64"),
				format: "der",
				type: key.includes("RSA") ? "pkcs1" : "pkcs8",
			}).equals(createPrivateKey(key)),
		);
		t.is(response(certificate, key).secret.reveal(), secret.reveal());
	});

test("a missing half is named", (t) => {
	for (const [key, configuration] of [
		["clientKey", { clientCertificate: own }],
		["clientKey", { clientCertificate: own, clientKey: "" }],
		["clientCertificate", { clientKey: ownKey }],
	] as const)
		t.like(
			failureOf(() => tencent.device({ ...board, ...configuration }, crypto, undefined)),
			{ key, reason: "missing" },
		);
});

const noon = Date.UTC(2030, 0, 1, 12);
const until2030 = issue({ to: utcTime("300101115959Z") });

test("once the time is known, an expired certificate is not registered with", (t) => {
	const device = tencent.device({ ...board, clientCertificate: until2030, clientKey: ownKey }, crypto, undefined);
	const inputs = (now?: number) => ({ now, random: new Uint8Array(16) });
	t.notThrows(() => device.registration(inputs()));
	t.notThrows(() => device.registration(inputs(noon - 2000)));
	const failure = failureOf(() => device.registration(inputs(noon)));
	t.like(failure, { phase: "register", code: "bad-configuration", key: "clientCertificate", reason: "expired" });
	t.is(
		sentence(failure, { cloud: "tencent" }),
		"clientCertificate has expired. Issue another certificate (docs/guides/trust.md).",
	);
});

test("once the time is known, an expired certificate from a platform is refused", (t) => {
	t.notThrows(() => response(until2030, ownKey, noon - 2000));
	t.like(
		failureOf(() => response(until2030, ownKey, noon)),
		{ code: "bad-answer", reason: "expired" },
	);
});

test("another configured pair is taken while it is valid, and no other kind of credential gives way", (t) => {
	const configured = (clientCertificate: string, clientKey = ownKey) =>
		tencent.device({ ...board, clientCertificate, clientKey }, crypto, undefined);
	const stored = certificateFromPem(crypto, own, ownKey);
	const now = Date.UTC(2027, 0, 1);
	t.is(configured(own).renewed?.(stored, now), undefined);
	t.is(tencent.device(board, crypto, undefined).renewed?.(stored, now), undefined);
	for (const [certificate, key] of [
		[until2030, ownKey],
		[own + authority, ownKey],
		[issue({ key: keys.other }), pkcs8(keys.other)],
		[own, pkcs1(keys.server)],
	] as const) {
		const taken = configured(certificate, key).renewed?.(stored, now);
		t.is(taken?.secret.reveal(), crypto.base64(crypto.fromPem(key)));
	}
	t.is(configured(until2030).renewed?.({ kind: "key", secret: new Secret("a key") }, now), undefined);
	t.is(configured(until2030).renewed?.(stored, undefined), undefined);
	t.is(configured(until2030).renewed?.(stored, noon), undefined);
	t.is(configured(issue({ from: utcTime("280101000000Z") })).renewed?.(stored, now), undefined);
});
