import {
	authorityKey,
	basicConstraints,
	certificate,
	type Extension,
	extendedKeyUsage,
	extension,
	keys,
	keyUsage,
	type Parts,
	subjectAltName,
	subjectKey,
} from "./certificate-builder.js";
import {
	bitString,
	commonName,
	der,
	generalizedTime,
	integer,
	octets,
	oid,
	sequence,
	truth,
	utcTime,
} from "./der-writer.js";

/** A server's certificates, and those that are trusted. */
export interface Chain {
	readonly name: string;
	/** The server's own first, as it sends them. */
	readonly sent: readonly Buffer[];
	readonly trusted: readonly Buffer[];
	/** Why the board refuses a chain that OpenSSL accepts: a key of `reasons`. */
	readonly stricter?: Reason;
}

/** Where the board is stricter than OpenSSL. */
export const reasons = {
	weak: "RSA below 2048 bits, RSA with a small exponent, and signatures with SHA-1 or MD5 can be forged",
	"key exchange":
		"the server signs its key exchange: a keyUsage without digitalSignature forbids that (RFC 5246, section 7.4.2)",
	algorithm: "the SDK verifies RSA PKCS #1 v1.5 and ECDSA on P-256 and P-384, with SHA-256, SHA-384 and SHA-512",
	constraints: "name constraints are not evaluated",
	policies: "policy constraints are not evaluated",
	critical: "a critical extension of certificate revocation or policies is not evaluated",
	depth: "at most six certificates are read, besides a trusted one",
	encoding: "only DER is read (RFC 5280, section 4.1)",
	version: "extensions need version 3 (RFC 5280, section 4.1.2.9)",
	duplicate: "an extension may come only once (RFC 5280, section 4.2)",
	authority: "an authority with extensions needs basicConstraints with cA (RFC 5280, section 4.2.1.9)",
	name: "names are compared byte by byte",
	"self-issued": "an authority's certificate for a new key of its own counts towards the path length",
	purpose: "Netscape's server gated cryptography is no purpose of a server",
} as const;
export type Reason = keyof typeof reasons;

export const host = "device.example.com";

const authority = [basicConstraints(true), keyUsage(0x06)] as const;
const server = [basicConstraints(false), keyUsage(0xa0), extendedKeyUsage(["server"]), subjectAltName([host])] as const;

const rootParts: Parts = { subject: "Root", issuer: "Root", key: keys.root, signer: keys.root, extensions: authority };
const middleParts: Parts = {
	subject: "Middle",
	issuer: "Root",
	key: keys.intermediate,
	signer: keys.root,
	extensions: authority,
};
const serverParts: Parts = {
	subject: "Server",
	issuer: "Middle",
	key: keys.server,
	signer: keys.intermediate,
	extensions: server,
};

const root = (parts: Partial<Parts> = {}) => certificate({ ...rootParts, ...parts });
const middle = (parts: Partial<Parts> = {}) => certificate({ ...middleParts, ...parts });
const own = (parts: Partial<Parts> = {}) => certificate({ ...serverParts, ...parts });

const plainRoot = root();
const plainMiddle = middle();
const plainOwn = own();

const unknownId = "1.3.6.1.4.1.99999.1";
const nameConstraints = (critical: boolean, name: string) =>
	extension("2.5.29.30", sequence(der(0xa0, sequence(der(0x82, Buffer.from(name))))), critical);

type Variant = readonly [name: string, parts: Partial<Parts>, stricter?: Reason];

/** Other keys than the usual one, of a server or of an authority. */
const otherKeys: readonly Variant[] = [
	["of RSA 3072", { key: keys.long }],
	["of RSA 1024", { key: keys.short }, "weak"],
	["of RSA 2040", { key: keys.nearly }, "weak"],
	["of RSA with exponent 3", { key: keys.exponent3 }, "weak"],
	["of P-256", { key: keys.p256 }],
	["of P-384", { key: keys.p384 }],
	["of P-521", { key: keys.p521 }, "algorithm"],
	["of secp256k1", { key: keys.k256 }, "algorithm"],
	["of Ed25519", { key: keys.ed25519 }, "algorithm"],
	["of RSA-PSS", { key: keys.pss }, "algorithm"],
];

/** Everything that can be said of an authority's extensions, each in the place of one of the two usual ones. */
const authorities: readonly Variant[] = [
	["usual", {}],
	["no keyUsage", { extensions: [basicConstraints(true)] }],
	["no basicConstraints", { extensions: [keyUsage(0x06)] }, "authority"],
	["no extensions", { extensions: undefined }],
	["no extensions, version 1", { version: undefined, extensions: undefined }],
	["extensions, version 1", { version: undefined, extensions: authority }, "version"],
	["extensions, version 2", { version: 1, extensions: authority }, "version"],
	["a cA of false", { extensions: [basicConstraints(false), keyUsage(0x06)] }],
	[
		"a cA of BER",
		{ extensions: [extension("2.5.29.19", sequence(truth(true, 0x01)), true), keyUsage(0x06)] },
		"encoding",
	],
	["an empty basicConstraints", { extensions: [basicConstraints(undefined), keyUsage(0x06)] }],
	["basicConstraints that is not critical", { extensions: [basicConstraints(true, undefined, false), keyUsage(0x06)] }],
	["a path length of 0", { extensions: [basicConstraints(true, integer(0)), keyUsage(0x06)] }],
	["a path length of 1", { extensions: [basicConstraints(true, integer(1)), keyUsage(0x06)] }],
	["a path length of 127", { extensions: [basicConstraints(true, integer(127)), keyUsage(0x06)] }],
	["a path length of -1", { extensions: [basicConstraints(true, integer(0xff)), keyUsage(0x06)] }],
	["a path length without cA", { extensions: [basicConstraints(undefined, integer(3)), keyUsage(0x06)] }],
	[
		"a cA of two bytes",
		{ extensions: [extension("2.5.29.19", sequence(der(0x01, Buffer.from([255, 255])))), keyUsage(0x06)] },
	],
	[
		"something behind basicConstraints",
		{
			extensions: [extension("2.5.29.19", Buffer.concat([sequence(truth(true)), integer(0)])), keyUsage(0x06)],
		},
		"encoding",
	],
	[
		"something in basicConstraints",
		{ extensions: [extension("2.5.29.19", sequence(truth(true), integer(1), integer(2)))] },
	],
	["a keyUsage without keyCertSign", { extensions: [basicConstraints(true), keyUsage(0x82)] }],
	["a keyUsage of nothing", { extensions: [basicConstraints(true), keyUsage(0x00)] }],
	[
		"a keyUsage of no byte",
		{ extensions: [basicConstraints(true), extension("2.5.29.15", bitString(Buffer.alloc(0)))] },
	],
	["a keyUsage with everything", { extensions: [basicConstraints(true), keyUsage(0xff)] }],
	["an extKeyUsage of servers", { extensions: [...authority, extendedKeyUsage(["server"])] }],
	["an extKeyUsage of clients", { extensions: [...authority, extendedKeyUsage(["client"])] }],
	["an extKeyUsage of code signing", { extensions: [...authority, extendedKeyUsage(["code"], true)] }],
	["an extKeyUsage of servers and clients", { extensions: [...authority, extendedKeyUsage(["client", "server"])] }],
	["an extKeyUsage of anything", { extensions: [...authority, extendedKeyUsage(["any"])] }],
	["an empty extKeyUsage", { extensions: [...authority, extendedKeyUsage([])] }],
	["an unknown critical extension", { extensions: [...authority, extension(unknownId, integer(1), true)] }],
	["an unknown extension", { extensions: [...authority, extension(unknownId, integer(1))] }],
	[
		"an unknown extension twice",
		{
			extensions: [...authority, extension(unknownId, integer(1)), extension(unknownId, integer(2))],
		},
		"duplicate",
	],
	["basicConstraints twice", { extensions: [...authority, basicConstraints(true)] }],
	["keyUsage twice", { extensions: [...authority, keyUsage(0x06)] }],
	[
		"critical name constraints that fit",
		{ extensions: [...authority, nameConstraints(true, "example.com")] },
		"constraints",
	],
	["name constraints that fit", { extensions: [...authority, nameConstraints(false, "example.com")] }, "constraints"],
	["critical name constraints that do not fit", { extensions: [...authority, nameConstraints(true, "example.net")] }],
	["name constraints that do not fit", { extensions: [...authority, nameConstraints(false, "example.net")] }],
	[
		"critical policies",
		{
			extensions: [...authority, extension("2.5.29.32", sequence(sequence(oid("2.5.29.32.0"))), true)],
		},
	],
	["policies", { extensions: [...authority, extension("2.5.29.32", sequence(sequence(oid("2.23.140.1.2.1"))))] }],
	[
		"critical policy constraints",
		{
			extensions: [...authority, extension("2.5.29.36", sequence(der(0x80, Buffer.from([0]))), true)],
		},
		"policies",
	],
	["critical inhibitAnyPolicy", { extensions: [...authority, extension("2.5.29.54", integer(0), true)] }, "policies"],
	["a subject key", { extensions: [...authority, subjectKey("its key")] }],
	["expired", { to: utcTime("260614235959Z") }],
	["expired by a second", { to: utcTime("260614235959Z"), from: utcTime("200101000000Z") }],
	["not valid yet", { from: utcTime("260616000000Z") }],
	["valid until the year 9999", { to: generalizedTime("99991231235959Z") }],
	...otherKeys,
];

/** The algorithm that a key signs with by default. */
function algorithmFor(key: Parts["key"]): Partial<Parts> {
	switch (key) {
		case keys.p256:
		case keys.p384:
		case keys.p521:
		case keys.k256:
			return { algorithm: "ecdsaSha256" };
		case keys.ed25519:
			return { algorithm: "ed25519" };
		case keys.pss:
			return { algorithm: "pss" };
	}
	return {};
}

/** What OpenSSL itself refuses of an authority that is not trusted. */
const olderThanExtensions: ReadonlySet<string> = new Set(["no basicConstraints"]);

function* chainsOfAuthorities(): Iterable<Chain> {
	for (const [name, parts, stricter] of authorities) {
		const key = parts.key ?? keys.intermediate;
		yield {
			name: `an intermediate: ${name}`,
			sent: [own({ signer: key, ...algorithmFor(key) }), middle(parts)],
			trusted: [plainRoot],
			...(stricter && !olderThanExtensions.has(name) && { stricter }),
		};
	}
	for (const [name, parts, stricter] of authorities) {
		const key = parts.key ?? keys.root;
		const changed = root({ ...parts, signer: key, ...algorithmFor(key) });
		const chain = [own(), middle({ signer: key, ...algorithmFor(key) })];
		yield { name: `a root: ${name}`, sent: chain, trusted: [changed], ...(stricter && { stricter }) };
	}
	for (const [name, parts, stricter] of authorities.filter(([, { key }]) => !key)) {
		const trusted = [middle(parts)];
		yield { name: `a trusted intermediate: ${name}`, sent: [plainOwn], trusted, ...(stricter && { stricter }) };
	}
}

const unknown = (critical: boolean) => extension(unknownId, integer(1), critical);
const withNames = (...names: readonly (string | Uint8Array)[]) => [subjectAltName(names)];
const extended = (...more: readonly Extension[]) => ({ extensions: [...server, ...more] });

/** @param bits 0x80 client, 0x40 server */
const netscapeType = (bits: number) => extension("2.16.840.1.113730.1.1", bitString(Buffer.from([bits])));
/** RFC 3779: IPv4, 10.0.0.0/8; AS number 64496. */
const addresses = () => sequence(sequence(octets(Buffer.from([0, 1])), sequence(bitString(Buffer.from([10])))));
const asNumbers = () => sequence(der(0xa0, sequence(integer(0, 0xfb, 0xf0))));
/** RFC 5280, section 4.2.2.1: OCSP at http://a. */
const accessInformation = () => sequence(sequence(oid("1.3.6.1.5.5.7.48.1"), der(0x86, Buffer.from("http://a"))));

/** What can be said of a server's certificate. */
const servers: readonly Variant[] = [
	["usual", {}],
	["only its name", { extensions: withNames(host) }],
	["critical names", { extensions: [subjectAltName([host], true)] }],
	["a keyUsage of digitalSignature", { extensions: [keyUsage(0x80), ...withNames(host)] }],
	["a keyUsage of keyEncipherment", { extensions: [keyUsage(0x20), ...withNames(host)] }, "key exchange"],
	["a keyUsage of keyAgreement", { extensions: [keyUsage(0x08), ...withNames(host)] }, "key exchange"],
	["a keyUsage of nonRepudiation", { extensions: [keyUsage(0x40), ...withNames(host)] }],
	["a keyUsage of nothing", { extensions: [keyUsage(0x00), ...withNames(host)] }],
	["a keyUsage of keyCertSign", { extensions: [keyUsage(0x04), ...withNames(host)] }],
	[
		"a keyUsage of decipherOnly",
		{
			extensions: [extension("2.5.29.15", bitString(Buffer.from([0x00, 0x80]), 7)), ...withNames(host)],
		},
	],
	["a keyUsage that is not critical", { extensions: [keyUsage(0x80, false), ...withNames(host)] }],
	["an extKeyUsage of servers", { extensions: [extendedKeyUsage(["server"], true), ...withNames(host)] }],
	["an extKeyUsage of clients", { extensions: [extendedKeyUsage(["client"]), ...withNames(host)] }],
	[
		"an extKeyUsage of clients and servers",
		{ extensions: [extendedKeyUsage(["client", "server"]), ...withNames(host)] },
	],
	["an extKeyUsage of code signing", { extensions: [extendedKeyUsage(["code"]), ...withNames(host)] }],
	["an extKeyUsage of anything", { extensions: [extendedKeyUsage(["any"]), ...withNames(host)] }],
	[
		"an extKeyUsage of anything and code signing",
		{ extensions: [extendedKeyUsage(["any", "code"]), ...withNames(host)] },
	],
	[
		"an extKeyUsage of Netscape's servers",
		{ extensions: [extendedKeyUsage(["netscape"]), ...withNames(host)] },
		"purpose",
	],
	["an empty extKeyUsage", { extensions: [extendedKeyUsage([]), ...withNames(host)] }],
	[
		"an extKeyUsage that is no sequence",
		{ extensions: [extension("2.5.29.37", oid("1.3.6.1.5.5.7.3.1")), ...withNames(host)] },
	],
	["a cA of true", { extensions: [basicConstraints(true), ...withNames(host)] }],
	[
		"a cA of true with keyCertSign and digitalSignature",
		{ extensions: [basicConstraints(true), keyUsage(0x84), ...withNames(host)] },
	],
	["a path length", { extensions: [basicConstraints(false, integer(0)), ...withNames(host)] }],
	["a negative path length", { extensions: [basicConstraints(true, integer(0xff)), ...withNames(host)] }],
	["an unknown extension", extended(unknown(false))],
	["an unknown critical extension", extended(unknown(true))],
	["an unknown extension twice", extended(unknown(false), unknown(false)), "duplicate"],
	["names twice", extended(...withNames(host))],
	["keyUsage twice", extended(keyUsage(0xa0))],
	["extKeyUsage twice", extended(extendedKeyUsage(["server"]))],
	["basicConstraints twice", extended(basicConstraints(false))],
	["name constraints", extended(nameConstraints(false, "example.com")), "constraints"],
	["critical policies", extended(extension("2.5.29.32", sequence(sequence(oid("2.5.29.32.0"))), true))],
	["distribution points", extended(extension("2.5.29.31", sequence()))],
	["critical distribution points", extended(extension("2.5.29.31", sequence(), true)), "critical"],
	[
		"a critical extension that says so in BER",
		{
			extensions: [
				basicConstraints(false),
				sequence(oid("2.5.29.15"), truth(true, 0x01), octets(bitString(Buffer.from([0xa0])))),
				subjectAltName([host]),
			],
		},
		"encoding",
	],
	["a critical extension that says false", extended(sequence(oid(unknownId), truth(false), octets(integer(1))))],
	["Netscape's type of a server", extended(netscapeType(0x40))],
	["Netscape's type of a client", extended(netscapeType(0x80))],
	["Netscape's type of nothing", extended(extension("2.16.840.1.113730.1.1", bitString(Buffer.alloc(0))))],
	["proxy information", extended(extension("1.3.6.1.5.5.7.1.14", sequence(sequence(oid("1.3.6.1.5.5.7.21.1")))))],
	["addresses that its issuer has not", extended(extension("1.3.6.1.5.5.7.1.7", addresses()))],
	["AS numbers that its issuer has not", extended(extension("1.3.6.1.5.5.7.1.8", asNumbers()))],
	["access information", extended(extension("1.3.6.1.5.5.7.1.1", accessInformation()))],
	["the key of its issuer", extended(authorityKey({ key: "another" }))],
	["the serial number of its issuer", extended(authorityKey({ serial: Buffer.from([0x11]), issuer: "Root" }))],
	["another serial number of its issuer", extended(authorityKey({ serial: Buffer.from([0x12]), issuer: "Root" }))],
	["another issuer of its issuer", extended(authorityKey({ serial: Buffer.from([0x11]), issuer: "Boot" }))],
	["an issuer of its issuer without serial number", extended(authorityKey({ issuer: "Boot" }))],
	["an authority key that is no sequence", extended(extension("2.5.29.35", integer(1)))],
	["expired", { to: utcTime("260614235959Z") }],
	["not valid yet", { from: utcTime("260615000001Z") }],
	["valid from this second", { from: utcTime("260615000000Z") }],
	["valid until this second", { to: utcTime("260615000000Z") }],
	["valid until the second before", { to: utcTime("260614235959Z") }],
	["valid since 1950", { from: utcTime("500101000000Z") }],
	["valid until 2049", { to: utcTime("491231235959Z") }],
	["a generalized time before 2050", { to: generalizedTime("20301231235959Z") }],
	["a date without seconds", { to: utcTime("3012312359Z") }],
	["a date in another time zone", { to: utcTime("301231235959+0100") }],
	["a date with a fraction", { to: generalizedTime("20301231235959.5Z") }],
	["a date in month 13", { to: utcTime("301331235959Z") }],
	["a date in month 0", { to: utcTime("300031235959Z") }],
	["the 31st of April", { to: utcTime("300431235959Z") }],
	["the 29th of February in 2030", { to: utcTime("300229235959Z") }],
	["the 29th of February in 2028", { to: utcTime("280229235959Z") }],
	["the 29th of February in 2100", { to: generalizedTime("21000229235959Z") }],
	["the 29th of February in 2400", { to: generalizedTime("24000229235959Z") }],
	["the 31st of August", { to: utcTime("300831235959Z") }],
	["the 30th of June", { to: utcTime("300630235959Z") }],
	["hour 24", { to: utcTime("301231240000Z") }],
	["minute 60", { to: utcTime("301231236000Z") }],
	["second 60", { to: utcTime("301231235960Z") }],
	["a date with a letter", { to: utcTime("3o1231235959Z") }],
	["a date with a sign", { to: utcTime("30123123595-Z") }],
	["a date of the wrong type", { to: der(0x16, Buffer.from("301231235959Z")) }],
	...otherKeys,
	["a compressed point", { keyInfo: compressed() }, "algorithm"],
	["signed with SHA-384", { algorithm: "rsaSha384" }],
	["signed with SHA-512", { algorithm: "rsaSha512" }],
	["signed with SHA-224", { algorithm: "rsaSha224" }, "algorithm"],
	["signed with SHA-1", { algorithm: "rsaSha1" }, "weak"],
	["signed with MD5", { algorithm: "rsaMd5" }, "weak"],
	["signed with RSA-PSS", { algorithm: "pss" }, "algorithm"],
	["signed with RSA without parameters", { algorithm: "rsaWithoutParameters" }],
	["other parameters of the algorithm outside", { outerAlgorithm: "rsaWithoutParameters" }],
	["other parameters of the algorithm inside", { innerAlgorithm: "rsaWithoutParameters" }],
	["one algorithm outside, another inside", { innerAlgorithm: "rsaSha384" }],
	["signed by another key", { signer: keys.other }],
	["signed with its own key", { signer: keys.server }],
	["a changed signature", { changeSignature: (bytes) => bitString(flipped(bytes, 100)) }],
	["a longer signature", { changeSignature: (bytes) => bitString(Buffer.concat([bytes, Buffer.alloc(1)])) }],
	[
		"a longer signature, with a zero in front",
		{ changeSignature: (bytes) => bitString(Buffer.concat([Buffer.alloc(1), bytes])) },
	],
	["a shorter signature", { changeSignature: (bytes) => bitString(bytes.subarray(1)) }],
	["an empty signature", { changeSignature: () => bitString(Buffer.alloc(0)) }],
	["a signature of zeros", { changeSignature: (bytes) => bitString(Buffer.alloc(bytes.length)) }],
	["a signature with unused bits", { changeSignature: (bytes) => bitString(bytes, 1) }],
	["a signature that is no bit string", { changeSignature: (bytes) => octets(bytes) }],
	["a changed certificate", { finish: (bytes) => flipped(bytes, 60) }],
	["no extensions", { extensions: undefined }],
	["version 1", { version: undefined }, "version"],
	["version 2", { version: 1 }, "version"],
	["version 1 without extensions", { version: undefined, extensions: undefined }],
	["version 4", { version: 3 }, "version"],
	["a negative serial number", { serial: Buffer.from([0x80]) }],
	["a serial number with a zero in front", { serial: Buffer.from([0, 0x11]) }],
	["a serial number with a sign in front", { serial: Buffer.from([0xff, 0x91]) }],
	["a serial number with a zero that it needs", { serial: Buffer.from([0, 0x91]) }],
	["a negative serial number of two bytes", { serial: Buffer.from([0xff, 0x11]) }],
	["a serial number of no byte", { serial: Buffer.alloc(0) }],
	["a serial number of 0", { serial: Buffer.from([0]) }],
	["a serial number of 21 bytes", { serial: Buffer.alloc(21, 1) }],
	["an issuer in capitals", { issuer: "MIDDLE" }, "name"],
	["an issuer of another type of text", { issuer: commonName("Middle", 0x13) }, "name"],
	["an issuer with a blank", { issuer: "Middle " }, "name"],
	["another issuer", { issuer: "Muddle" }],
	["a byte behind its end", { finish: (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]) }, "encoding"],
	["a byte less", { finish: (bytes) => bytes.subarray(0, bytes.length - 1) }],
	[
		"a length of three bytes",
		{ finish: (bytes) => Buffer.concat([Buffer.from([0x30, 0x83, 0]), bytes.subarray(2)]) },
		"encoding",
	],
	[
		"an indefinite length",
		{ finish: (bytes) => Buffer.concat([Buffer.from([0x30, 0x80]), bytes.subarray(4), Buffer.alloc(2)]) },
		"encoding",
	],
	[
		"a length in the signed part that is too long",
		{ change: (bytes) => Buffer.concat([Buffer.from([0x30, 0x83, 0]), bytes.subarray(2)]) },
		"encoding",
	],
	["something behind the extensions", { change: (bytes) => grown(bytes, integer(1)) }],
	["a unique identifier of its issuer", { uniqueId: der(0x81, Buffer.from([0, 1])) }],
	["a unique identifier of its own", { uniqueId: der(0x82, Buffer.from([0, 1])) }],
	["nothing", { finish: () => Buffer.alloc(0) }],
	["text", { finish: () => Buffer.from("certificate") }],
];

function flipped(bytes: Buffer, at: number): Buffer {
	const changed = Buffer.from(bytes);
	changed[at] = (changed[at] ?? 0) ^ 1;
	return changed;
}

/** The signed part with something more at its end. */
function grown(signed: Buffer, more: Uint8Array): Buffer {
	return sequence(signed.subarray(4), more);
}

/** The P-256 key with its point in the short form (RFC 5480, section 2.2). */
function compressed(): Buffer {
	const info = keys.p256.publicKey.export({ format: "der", type: "spki" });
	const point = info.subarray(-65);
	const short = Buffer.concat([Buffer.from([2 + ((point[64] ?? 0) & 1)]), point.subarray(1, 33)]);
	return sequence(sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), bitString(short));
}

function* chainsOfServers(): Iterable<Chain> {
	for (const [name, parts, stricter] of servers)
		yield {
			name: `a server: ${name}`,
			sent: [own(parts), plainMiddle],
			trusted: [plainRoot],
			...(stricter && { stricter }),
		};
	// An elliptic curve's signatures, which are two numbers.
	const issuer = middle({ key: keys.p256 });
	for (const [name, parts, stricter] of [
		["SHA-256", { algorithm: "ecdsaSha256" }],
		["SHA-384", { algorithm: "ecdsaSha384" }],
		["SHA-512", { algorithm: "ecdsaSha512" }],
		["SHA-224", { algorithm: "ecdsaSha224" }, "algorithm"],
		["SHA-1", { algorithm: "ecdsaSha1" }, "weak"],
		["RSA in its name", { algorithm: "ecdsaSha256", innerAlgorithm: "rsaSha256" }],
		["zeros", { algorithm: "ecdsaSha256", changeSignature: () => bitString(sequence(integer(0), integer(0))) }],
		[
			"a negative number",
			{ algorithm: "ecdsaSha256", changeSignature: () => bitString(sequence(integer(0xff), integer(1))) },
		],
		[
			"a byte behind it",
			{
				algorithm: "ecdsaSha256",
				changeSignature: (bytes: Buffer) => bitString(Buffer.concat([bytes, Buffer.alloc(1)])),
			},
		],
		[
			"three numbers",
			{
				algorithm: "ecdsaSha256",
				changeSignature: (bytes: Buffer) => bitString(sequence(bytes.subarray(2), integer(1))),
			},
		],
		["an empty sequence", { algorithm: "ecdsaSha256", changeSignature: () => bitString(sequence()) }],
		[
			"a length that is too long",
			{
				algorithm: "ecdsaSha256",
				changeSignature: (bytes: Buffer) => bitString(Buffer.concat([Buffer.from([0x30, 0x81]), bytes.subarray(1)])),
			},
		],
		["nothing", { algorithm: "ecdsaSha256", changeSignature: () => bitString(Buffer.alloc(0)) }],
		["another key", { algorithm: "ecdsaSha256", signer: keys.p384 }],
	] as readonly (readonly [string, Partial<Parts>, Reason?])[])
		yield {
			name: `a signature with P-256: ${name}`,
			sent: [own({ signer: keys.p256, ...parts }), issuer],
			trusted: [plainRoot],
			...(stricter && { stricter }),
		};
}

/** A line of authorities from the root down. @param parts of the one at this depth, 0 below the root */
function line(count: number, parts: (depth: number) => Partial<Parts> = () => ({})): Buffer[] {
	const all: Buffer[] = [];
	for (let depth = 0; depth < count; depth++)
		all.unshift(
			middle({
				subject: `Middle ${depth}`,
				issuer: depth === 0 ? "Root" : `Middle ${depth - 1}`,
				signer: depth === 0 ? keys.root : keys.intermediate,
				...parts(depth),
			}),
		);
	return all;
}

function* chainsByShape(): Iterable<Chain> {
	const trusted = [plainRoot];
	const straight = [plainOwn, plainMiddle];
	const stray = certificate({ ...rootParts, subject: "Stray", issuer: "Stray", key: keys.other, signer: keys.other });
	const shapes: readonly (readonly [string, readonly Buffer[], readonly Buffer[], Reason?])[] = [
		["with its root", [...straight, plainRoot], trusted],
		["without the intermediate", [plainOwn], trusted],
		["the root in the intermediate's place", [plainOwn, plainRoot], trusted],
		["another order", [plainOwn, plainRoot, plainMiddle], trusted],
		["the intermediate twice", [plainOwn, plainMiddle, plainMiddle], trusted],
		["its own certificate twice", [plainOwn, plainOwn, plainMiddle], trusted],
		["a stray one in between", [plainOwn, stray, plainMiddle], trusted],
		["a stray one behind", [plainOwn, plainMiddle, stray], trusted],
		["five stray ones in between", [plainOwn, ...Array<Buffer>(4).fill(stray), plainMiddle], trusted],
		["six stray ones in between", [plainOwn, ...Array<Buffer>(6).fill(stray), plainMiddle], trusted, "depth"],
		["the intermediate first", [plainMiddle, plainOwn], trusted],
		["nothing trusted", straight, []],
		["another root", straight, [stray]],
		["two roots", straight, [stray, plainRoot]],
		["a root of the same name", straight, [root({ key: keys.other, signer: keys.other })]],
		["two roots of the same name", straight, [root({ key: keys.other, signer: keys.other }), plainRoot]],
		["the intermediate trusted", [plainOwn], [plainMiddle]],
		["the intermediate trusted and sent", straight, [plainMiddle]],
		["the server's own trusted", [plainOwn], [plainOwn]],
		["signed by itself, and trusted", ...alone({})],
		["signed by itself, and not trusted", [alone({})[0][0]], trusted],
		[
			"signed by itself, trusted, and for clients",
			...alone({ extensions: [extendedKeyUsage(["client"]), ...withNames(host)] }),
		],
		["signed by itself, trusted, and expired", ...alone({ to: utcTime("260101000000Z") })],
		["signed by itself with SHA-1, and trusted", ...alone({ algorithm: "rsaSha1" })],
		["issued by the root", [own({ issuer: "Root", signer: keys.root })], trusted],
		[
			"issued by a server",
			[own({ subject: "Below", issuer: "Server", signer: keys.server }), plainOwn, plainMiddle],
			trusted,
		],
		[
			"issued by a server without extensions",
			[own({ subject: "Below", issuer: "Server", signer: keys.server }), own({ extensions: undefined }), plainMiddle],
			trusted,
		],
		[
			"issued by a server of version 1",
			[
				own({ subject: "Below", issuer: "Server", signer: keys.server }),
				own({ version: undefined, extensions: undefined }),
				plainMiddle,
			],
			trusted,
		],
		[
			"two authorities that issued each other",
			[
				plainOwn,
				middle({ issuer: "Circle", signer: keys.other }),
				middle({ subject: "Circle", issuer: "Middle", key: keys.other, signer: keys.intermediate }),
			],
			trusted,
		],
		[
			"two intermediates of one name, the right one last",
			[plainOwn, middle({ key: keys.other }), plainMiddle],
			trusted,
		],
		[
			"two intermediates of one name, the right one first",
			[plainOwn, plainMiddle, middle({ key: keys.other })],
			trusted,
		],
		[
			"two intermediates of one key, an expired one last",
			[plainOwn, plainMiddle, middle({ to: utcTime("260101000000Z") })],
			trusted,
		],
		["an intermediate with a forged signature", [plainOwn, middle({ signer: keys.other })], trusted],
		["a root with a forged signature", straight, [root({ signer: keys.other })]],
		["a root signed with SHA-1", straight, [root({ algorithm: "rsaSha1" })]],
		["a root signed with MD5, sent", [...straight, root({ algorithm: "rsaMd5" })], [root({ algorithm: "rsaMd5" })]],
		[
			"a new key of the root, signed by the old",
			[
				own({ issuer: "Root", signer: keys.intermediate }),
				middle({ subject: "Root", extensions: [...authority, subjectKey("new"), authorityKey({ key: "old" })] }),
			],
			[root({ extensions: [...authority, subjectKey("old")] })],
		],
		[
			"key identifiers that match",
			[
				own({ extensions: [...server, authorityKey({ key: "m" })] }),
				middle({ extensions: [...authority, subjectKey("m"), authorityKey({ key: "r" })] }),
			],
			[root({ extensions: [...authority, subjectKey("r")] })],
		],
		[
			"a key identifier that does not match",
			[
				own({ extensions: [...server, authorityKey({ key: "m" })] }),
				middle({ extensions: [...authority, subjectKey("n")] }),
			],
			trusted,
		],
		[
			"a root's key identifier that does not match",
			[plainOwn, middle({ extensions: [...authority, authorityKey({ key: "r" })] })],
			[root({ extensions: [...authority, subjectKey("s")] })],
		],
		...[2, 3, 4, 5].map(
			(count) => [`${count} intermediates`, [own({ issuer: `Middle ${count - 1}` }), ...line(count)], trusted] as const,
		),
		...[6, 7].map(
			(count) =>
				[
					`${count} intermediates`,
					[own({ issuer: `Middle ${count - 1}` }), ...line(count)],
					trusted,
					"depth" as const,
				] as const,
		),
		...[0, 1, 2, 3].map(
			(length) =>
				[
					`three intermediates below a path length of ${length}`,
					[own({ issuer: "Middle 2" }), ...line(3)],
					[root({ extensions: [basicConstraints(true, integer(length)), keyUsage(0x06)] })],
				] as const,
		),
		...[0, 1, 2].map(
			(length) =>
				[
					`two intermediates below one with a path length of ${length}`,
					[
						own({ issuer: "Middle 2" }),
						...line(3, (depth) =>
							depth === 0 ? { extensions: [basicConstraints(true, integer(length)), keyUsage(0x06)] } : {},
						),
					],
					trusted,
				] as const,
		),
		...[0, 1, 2].map(
			(depth) =>
				[
					`three intermediates, an expired one at depth ${depth}`,
					[own({ issuer: "Middle 2" }), ...line(3, (at) => (at === depth ? { to: utcTime("260101000000Z") } : {}))],
					trusted,
				] as const,
		),
		["three intermediates in reverse", [own({ issuer: "Middle 2" }), ...line(3).reverse()], trusted],
		[
			"three intermediates, the middle one missing",
			[own({ issuer: "Middle 2" }), ...line(3).filter((_, index) => index !== 1)],
			trusted,
		],
		[
			"a new key of an authority below a path length of 0",
			[
				own({ issuer: "Middle", signer: keys.other }),
				middle({
					issuer: "Middle",
					key: keys.other,
					signer: keys.intermediate,
					extensions: [...authority, subjectKey("new"), authorityKey({ key: "old" })],
				}),
				middle({ extensions: [basicConstraints(true, integer(0)), keyUsage(0x06), subjectKey("old")] }),
			],
			trusted,
			"self-issued",
		],
	];
	for (const [name, sent, anchors, stricter] of shapes)
		yield { name: `a chain: ${name}`, sent, trusted: anchors, ...(stricter && { stricter }) };
}

/** A server's certificate that nobody else has issued, and that is trusted. */
function alone(parts: Partial<Parts>): [[Buffer], [Buffer]] {
	const only = own({ issuer: "Server", signer: keys.server, ...parts });
	return [[only], [only]];
}

/** All chains. */
export const corpus: readonly Chain[] = [...chainsOfAuthorities(), ...chainsOfServers(), ...chainsByShape()];

/** Names in a server's certificate, whether they stand for a host (RFC 6125). */
export const names: readonly (readonly [host: string, names: readonly (string | Uint8Array)[], fits: boolean])[] = [
	["a.example.com", ["a.example.com"], true],
	["a.example.com", ["A.Example.COM"], true],
	["A.EXAMPLE.com", ["a.example.com"], true],
	["a.example.com", ["b.example.com", "a.example.com"], true],
	["a.example.com", ["*.example.com"], true],
	["example.com", ["*.example.com"], false],
	["a.b.example.com", ["*.example.com"], false],
	["a.example.com", ["*.com"], false],
	["example.com", ["*.com"], false],
	["a.example.com", ["*"], false],
	["a.example.com", ["a*.example.com"], false],
	["a.example.com", ["*.*.com"], false],
	["a.example.com", ["a.example.com.evil.net"], false],
	["a.example.com", ["a.example.com\0.evil.net"], false],
	["a.example.com", ["a.example.co"], false],
	["a.example.com", [], false],
	["a", ["a"], true],
	["10.0.2.2", [Buffer.from([10, 0, 2, 2])], true],
	["10.0.2.2", [Buffer.from([10, 0, 2, 3])], false],
	["10.0.2.2", ["10.0.2.2"], false],
	["10.0.2.2", ["*.0.2.2"], false],
	["a.example.com", [Buffer.from("a.example.com")], false],
];

/** @returns a certificate with these names, that nobody has to have issued */
export function named(list: readonly (string | Uint8Array)[]): Buffer {
	return alone({ extensions: withNames(...list) })[0][0];
}
