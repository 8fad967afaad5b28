import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { bitString, commonName, der, integer, octets, oid, sequence, truth, utcTime } from "./der-writer.js";

/** The key pairs that the certificates of a corpus share: making one takes up to a second. */
export const keys = {
	root: pair("rsa"),
	intermediate: pair("rsa"),
	server: pair("rsa"),
	other: pair("rsa"),
	p256: pair("ec", "P-256"),
	p384: pair("ec", "P-384"),
	p521: pair("ec", "P-521"),
	k256: pair("ec", "secp256k1"),
	ed25519: generateKeyPairSync("ed25519"),
	short: generateKeyPairSync("rsa", { modulusLength: 1024 }),
	nearly: generateKeyPairSync("rsa", { modulusLength: 2040 }),
	long: generateKeyPairSync("rsa", { modulusLength: 3072 }),
	exponent3: generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }),
	pss: generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
} as const;

export interface KeyPair {
	readonly publicKey: KeyObject;
	readonly privateKey: KeyObject;
}

function pair(type: "rsa" | "ec", namedCurve = ""): KeyPair {
	return type === "rsa"
		? generateKeyPairSync("rsa", { modulusLength: 2048 })
		: generateKeyPairSync("ec", { namedCurve });
}

/** Signature algorithms: object identifier, parameters, and how Node makes such a signature. */
const pkcs1 = "1.2.840.113549.1.1";
const none = Buffer.alloc(0);
const noParameters = Buffer.from([0x05, 0x00]);
export const algorithms = {
	rsaSha256: [`${pkcs1}.11`, noParameters, "sha256"],
	rsaSha384: [`${pkcs1}.12`, noParameters, "sha384"],
	rsaSha512: [`${pkcs1}.13`, noParameters, "sha512"],
	rsaSha224: [`${pkcs1}.14`, noParameters, "sha224"],
	rsaSha1: [`${pkcs1}.5`, noParameters, "sha1"],
	rsaMd5: [`${pkcs1}.4`, noParameters, "md5"],
	rsaWithoutParameters: [`${pkcs1}.11`, none, "sha256"],
	ecdsaSha256: ["1.2.840.10045.4.3.2", none, "sha256"],
	ecdsaSha384: ["1.2.840.10045.4.3.3", none, "sha384"],
	ecdsaSha512: ["1.2.840.10045.4.3.4", none, "sha512"],
	ecdsaSha224: ["1.2.840.10045.4.3.1", none, "sha224"],
	ecdsaSha1: ["1.2.840.10045.4.1", none, "sha1"],
	ed25519: ["1.3.101.112", none, undefined],
	pss: [
		`${pkcs1}.10`,
		sequence(
			der(0xa0, sequence(oid("2.16.840.1.101.3.4.2.1"), noParameters)),
			der(0xa1, sequence(oid(`${pkcs1}.8`), sequence(oid("2.16.840.1.101.3.4.2.1"), noParameters))),
			der(0xa2, integer(32)),
		),
		"sha256",
	],
} as const satisfies Record<string, readonly [string, Uint8Array, string | undefined]>;

/** One extension, DER. */
export type Extension = Uint8Array;

export function extension(id: string, value: Uint8Array, critical = false): Extension {
	return sequence(oid(id), ...(critical ? [truth(true)] : []), octets(value));
}

export const basicConstraints = (authority: boolean | undefined, pathLength?: Uint8Array, critical = true) =>
	extension(
		"2.5.29.19",
		sequence(...(authority === undefined ? [] : [truth(authority)]), ...(pathLength ? [pathLength] : [])),
		critical,
	);
/** @param bits digitalSignature 0x80, keyEncipherment 0x20, keyAgreement 0x08, keyCertSign 0x04, cRLSign 0x02 */
export const keyUsage = (bits: number, critical = true) =>
	extension("2.5.29.15", bitString(Buffer.from([bits])), critical);
export const purposes = {
	server: "1.3.6.1.5.5.7.3.1",
	client: "1.3.6.1.5.5.7.3.2",
	code: "1.3.6.1.5.5.7.3.3",
	any: "2.5.29.37.0",
	netscape: "2.16.840.1.113730.4.1",
} as const;
export const extendedKeyUsage = (names: readonly (keyof typeof purposes)[], critical = false) =>
	extension("2.5.29.37", sequence(...names.map((name) => oid(purposes[name]))), critical);
export const subjectAltName = (names: readonly (string | Uint8Array)[], critical = false) =>
	extension(
		"2.5.29.17",
		sequence(...names.map((name) => (typeof name === "string" ? der(0x82, Buffer.from(name)) : der(0x87, name)))),
		critical,
	);
export const subjectKey = (id: string) => extension("2.5.29.14", octets(Buffer.from(id)));
export const authorityKey = (parts: {
	readonly key?: string;
	readonly issuer?: string;
	readonly serial?: Uint8Array;
}) =>
	extension(
		"2.5.29.35",
		sequence(
			...(parts.key === undefined ? [] : [der(0x80, Buffer.from(parts.key))]),
			...(parts.issuer === undefined ? [] : [der(0xa1, der(0xa4, commonName(parts.issuer)))]),
			...(parts.serial === undefined ? [] : [der(0x82, parts.serial)]),
		),
	);

/** The parts of a certificate; what is not given is as it usually is. */
export interface Parts {
	readonly subject: string | Uint8Array;
	readonly issuer: string | Uint8Array;
	readonly key: KeyPair;
	readonly signer: KeyPair;
	readonly extensions?: readonly Extension[] | undefined;
	readonly algorithm?: keyof typeof algorithms;
	/** What the signed part says, if it is not the same. */
	readonly innerAlgorithm?: keyof typeof algorithms;
	/** What the part around the signature says, if it is not the same. */
	readonly outerAlgorithm?: keyof typeof algorithms;
	/** 0 is version 1; undefined leaves the field out. */
	readonly version?: number | undefined;
	readonly serial?: Uint8Array;
	/** DER. */
	readonly from?: Uint8Array;
	readonly to?: Uint8Array;
	/** SubjectPublicKeyInfo in the place of the key's. */
	readonly keyInfo?: Uint8Array;
	/** issuerUniqueID or subjectUniqueID, DER. */
	readonly uniqueId?: Uint8Array;
	/** Changes the finished signed part before it is signed. */
	readonly change?: (signed: Buffer) => Buffer;
	/** Changes the signature's BIT STRING. */
	readonly changeSignature?: (signature: Buffer) => Buffer;
	/** Changes the finished certificate. */
	readonly finish?: (certificate: Buffer) => Buffer;
}

/** The clock that the corpus is verified at, UTC: seconds since 1970. */
export const now = Date.UTC(2026, 5, 15) / 1000;

export function certificate(parts: Parts): Buffer {
	const { algorithm = "rsaSha256", innerAlgorithm = algorithm, version = 2, extensions } = parts;
	const [, , hash] = algorithms[algorithm];
	let signed = sequence(
		...("version" in parts && parts.version === undefined ? [] : [der(0xa0, integer(version))]),
		der(0x02, parts.serial ?? Buffer.from([0x11])),
		algorithmIdentifier(innerAlgorithm),
		nameOf(parts.issuer),
		sequence(parts.from ?? utcTime("250101000000Z"), parts.to ?? utcTime("350101000000Z")),
		nameOf(parts.subject),
		parts.keyInfo ?? parts.key.publicKey.export({ format: "der", type: "spki" }),
		...(parts.uniqueId ? [parts.uniqueId] : []),
		...(extensions ? [der(0xa3, sequence(...extensions))] : []),
	);
	signed = parts.change?.(signed) ?? signed;
	const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
	const signature = sign(hash, signed, { key: parts.signer.privateKey, ...(algorithm === "pss" && pss) });
	const bits = parts.changeSignature?.(signature) ?? bitString(signature);
	const whole = sequence(signed, algorithmIdentifier(parts.outerAlgorithm ?? algorithm), bits);
	return parts.finish?.(whole) ?? whole;
}

function algorithmIdentifier(name: keyof typeof algorithms): Buffer {
	const [id, parameters] = algorithms[name];
	return sequence(oid(id), parameters);
}

function nameOf(name: string | Uint8Array): Uint8Array {
	return typeof name === "string" ? commonName(name) : name;
}
