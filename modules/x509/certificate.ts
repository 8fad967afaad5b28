import { isEqual } from "../core/bytes.js";
import { DerReader, expect } from "./der.js";

/** An X.509 certificate (RFC 5280), DER. Fields are read when they are needed: a board has no memory for a parsed chain. */
export type Certificate = Uint8Array;

/** The fields of a certificate that verification needs. The byte fields are views into the certificate. */
export interface Fields {
	/** TBSCertificate, with its identifier and length: what the signature covers. */
	readonly signed: Uint8Array;
	/** Object identifier of the signature algorithm, its bytes between dots. */
	readonly algorithm: string;
	readonly signature: Uint8Array;
	/** 0 is version 1. */
	readonly version: number;
	/** Serial number, contents of the INTEGER. */
	readonly serial: Uint8Array;
	/** Contents of the Name. */
	readonly issuer: Uint8Array;
	/** UTC in milliseconds since 1970. */
	readonly from: number;
	readonly to: number;
	readonly subject: Uint8Array;
	/** Contents of the SubjectPublicKeyInfo. */
	readonly key: Uint8Array;
	/** Contents of the Extensions. A certificate without them has none that could restrict its use. */
	readonly extensions: Uint8Array | undefined;
}

/**
 * @throws RangeError on anything that is not a certificate in DER, down to a byte behind its end
 */
export const fieldsOf = (certificate: Certificate): Fields => {
	const outer = new DerReader(certificate);
	const parts = new DerReader(outer.next(0x30));
	outer.end();
	const signed = parts.element(0x30);
	const outside = parts.next(0x30);
	const signature = bits(parts.next(0x03));
	parts.end();

	const reader = new DerReader(new DerReader(signed).next(0x30));
	let version = 0;
	if (reader.peek() === 0xa0) version = new DerReader(reader.next()).next(0x02)[0] as number;
	const serial = reader.next(0x02);
	// RFC 5280, section 4.1.2.3: the algorithm inside the signature is the one outside.
	expect(isEqual(reader.next(0x30), outside));
	const algorithm = new DerReader(outside).next(0x06).join(".");
	const issuer = reader.next(0x30);
	const validity = new DerReader(reader.next(0x30));
	const from = time(validity);
	const to = time(validity);
	const subject = reader.next(0x30);
	const key = reader.next(0x30);
	// Unique identifiers of issuer and subject (section 4.1.2.8) have no meaning here.
	while (reader.peek() === 0x81 || reader.peek() === 0x82) reader.next();
	let extensions: Uint8Array | undefined;
	if (reader.peek() === 0xa3) {
		expect(version === 2);
		extensions = new DerReader(reader.next()).next(0x30);
	}
	reader.end();
	return { signed, algorithm, signature, version, serial, issuer, from, to, subject, key, extensions };
};

/**
 * The certificates in a file, decided the same on every host: one in DER; or any number in PEM, with any text before,
 * between and behind them, and blanks in their lines. Each of them is trusted.
 *
 * @param bytes the file's contents
 * @param text converts them; characters other than ASCII may become anything
 * @param fromBase64 passes over blanks @throws Error unless the rest is base64
 * @returns none if there is no certificate, or if one of them is damaged
 */
export const certificatesIn = (
	bytes: Uint8Array,
	text: (bytes: Uint8Array) => string,
	fromBase64: (text: string) => Uint8Array,
): Certificate[] => {
	const found: Certificate[] = [];
	try {
		// A SEQUENCE of 128 bytes or more: no text begins like that.
		if (bytes[0] === 0x30 && (bytes[1] as number) > 0x7f) found.push(bytes);
		else {
			const parts = text(bytes).split("-----BEGIN CERTIFICATE-----");
			for (let i = 1; i < parts.length; i++) {
				const part = parts[i] as string;
				found.push(fromBase64(part.slice(0, part.indexOf("-----END CERTIFICATE-----"))));
			}
		}
		found.forEach(fieldsOf);
		return found;
	} catch {
		return [];
	}
};

/** @param contents of a BIT STRING of whole bytes */
const bits = (contents: Uint8Array): Uint8Array => {
	expect(contents[0] === 0);
	return contents.subarray(1);
};

/** UTCTime or GeneralizedTime, in the only forms that RFC 5280, section 4.1.2.5, allows. */
const time = (validity: DerReader): number => {
	const digits = validity.next();
	const short = validity.tag === 0x17;
	expect((short || validity.tag === 0x18) && digits.length === (short ? 13 : 15));
	expect(digits[digits.length - 1] === 0x5a);
	let at = 0;
	const two = (): number => {
		const tens = (digits[at++] as number) - 48;
		const ones = (digits[at++] as number) - 48;
		expect(tens >= 0 && tens < 10 && ones >= 0 && ones < 10);
		return tens * 10 + ones;
	};
	let year = two();
	if (short) year += year < 50 ? 2000 : 1900;
	else year = year * 100 + two();
	const month = two();
	const day = two();
	const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
	const days = month === 2 ? (leap ? 29 : 28) : 30 + ((month + (month >> 3)) & 1);
	const hour = two();
	const minute = two();
	const second = two();
	expect(month > 0 && month < 13 && day > 0 && day <= days && hour < 24 && minute < 60 && second < 60);
	return Date.UTC(year, month - 1, day, hour, minute, second);
};

const boolean = (reader: DerReader): boolean => {
	const contents = reader.next();
	const value = contents[0];
	// DER has one form of each (X.690, section 11.1).
	expect(contents.length === 1 && (value === 0 || value === 255));
	return value !== 0;
};

/** What the extensions of a certificate allow (RFC 5280, section 4.2.1). */
export interface Extensions {
	/** basicConstraints: may sign certificates. */
	authority: boolean;
	/** basicConstraints: how many authorities may stand between this one and the server's certificate. */
	pathLength: number;
	/** keyUsage, and Netscape's certificate type, allow a TLS server's digital signatures; and signing certificates. */
	signs: boolean;
	signsCertificates: boolean;
	/** extKeyUsage allows TLS servers. */
	forServers: boolean;
	/** Contents of subjectAltName's GeneralNames. */
	names: Uint8Array | undefined;
	subjectKey: Uint8Array | undefined;
	/** authorityKeyIdentifier: the subjectKey of the issuer's certificate, its serial number, and who issued it. */
	issuerKey: Uint8Array | undefined;
	issuerSerial: Uint8Array | undefined;
	issuerIssuer: Uint8Array | undefined;
}

/**
 * @param extensions contents of the Extensions
 * @throws RangeError on malformed ones, one that comes twice, a critical one that is not evaluated here, and name
 * constraints, critical or not
 */
export const readExtensions = (extensions: Uint8Array | undefined): Extensions => {
	const found: Extensions = {
		authority: false,
		pathLength: Number.POSITIVE_INFINITY,
		signs: true,
		signsCertificates: true,
		forServers: true,
		names: undefined,
		subjectKey: undefined,
		issuerKey: undefined,
		issuerSerial: undefined,
		issuerIssuer: undefined,
	};
	if (extensions === undefined) return found;
	const list = new DerReader(extensions);
	let seen = " ";
	while (list.peek() !== undefined) {
		const extension = new DerReader(list.next(0x30));
		const name = extension.next(0x06).join(".");
		expect(seen.indexOf(` ${name} `) < 0);
		seen += `${name} `;
		let critical = false;
		if (extension.peek() === 0x01) critical = boolean(extension);
		const value = new DerReader(extension.next(0x04));
		extension.end();
		readExtension(found, name, value, critical);
	}
	return found;
};

/** @param name object identifier, its bytes between dots: "85.29" is id-ce */
const readExtension = (found: Extensions, name: string, value: DerReader, critical: boolean): void => {
	switch (name) {
		case "85.29.14":
			found.subjectKey = value.next(0x04);
			break;
		case "85.29.15": {
			const usage = value.next(0x03);
			// The first byte counts the unused bits. At least one bit has to be set.
			let any = 0;
			for (let i = 1; i < usage.length; i++) any |= usage[i] as number;
			expect(any > 0 && (usage[0] as number) < 8);
			found.signs &&= ((usage[1] as number) & 0x80) > 0;
			found.signsCertificates = ((usage[1] as number) & 0x04) > 0;
			break;
		}
		case "85.29.17":
			found.names = value.next(0x30);
			break;
		case "85.29.19": {
			const constraints = new DerReader(value.next(0x30));
			if (constraints.peek() === 0x01) found.authority = boolean(constraints);
			if (constraints.peek() === 0x02) {
				const length = constraints.next();
				expect(length.length === 1 && (length[0] as number) < 0x80);
				found.pathLength = length[0] as number;
			}
			constraints.end();
			break;
		}
		case "85.29.35": {
			const issuer = new DerReader(value.next(0x30));
			while (issuer.peek() !== undefined) {
				const part = issuer.next();
				if (issuer.tag === 0x80) found.issuerKey = part;
				if (issuer.tag === 0x82) found.issuerSerial = part;
				if (issuer.tag === 0xa1) {
					const names = new DerReader(part);
					while (names.peek() !== undefined && !found.issuerIssuer) {
						const name = names.next();
						// directoryName (section 4.2.1.6).
						if (names.tag === 0xa4) found.issuerIssuer = new DerReader(name).next(0x30);
					}
				}
			}
			break;
		}
		case "85.29.37": {
			const purposes = new DerReader(value.next(0x30));
			found.forServers = false;
			while (purposes.peek() !== undefined)
				// id-kp-serverAuth. anyExtendedKeyUsage is not enough for OpenSSL either.
				if (purposes.next(0x06).join(".") === "43.6.1.5.5.7.3.1") found.forServers = true;
			break;
		}
		// Certificate policies restrict nothing as long as nobody asks for one.
		case "85.29.32":
			return;
		// Netscape's certificate type: its second bit is for TLS servers.
		case "96.134.72.1.134.248.66.1.1":
			found.signs &&= ((value.next(0x03)[1] as number) & 0x40) > 0;
			break;
		// Nothing here could keep name constraints, addresses and AS numbers (RFC 3779), or tell a proxy certificate (RFC 3820).
		case "85.29.30":
		case "43.6.1.5.5.7.1.7":
		case "43.6.1.5.5.7.1.8":
		case "43.6.1.5.5.7.1.14":
			throw new RangeError("not evaluated");
		default:
			expect(!critical);
			return;
	}
	value.end();
};

/** A public key. Undefined is a key that the SDK cannot verify with: other than RSA, and on other curves. */
export type Key =
	| { readonly kind: "rsa"; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
	| { readonly kind: "ecdsa"; readonly curve: "secp256r1" | "secp384r1"; readonly point: Uint8Array }
	| undefined;

/**
 * @param info contents of a SubjectPublicKeyInfo
 * @throws RangeError on a malformed one
 */
export const keyIn = (info: Uint8Array): Key => {
	const parts = new DerReader(info);
	const algorithm = new DerReader(parts.next(0x30));
	const name = algorithm.next(0x06).join(".");
	const value = bits(parts.next(0x03));
	parts.end();
	// RFC 3279, section 2.3.1.
	if (name === `${pkcs1}1`) {
		const numbers = new DerReader(new DerReader(value).next(0x30));
		return { kind: "rsa", modulus: unsigned(numbers), exponent: unsigned(numbers) };
	}
	// RFC 5480, section 2.1.
	if (name !== `${x962}2.1`) return undefined;
	const curve = algorithm.next().join(".");
	const size = curve === `${x962}3.1.7` ? 32 : curve === "43.129.4.0.34" ? 48 : 0;
	// An uncompressed point.
	if (!size || value[0] !== 0x04) return undefined;
	expect(value.length === 1 + 2 * size);
	return { kind: "ecdsa", curve: size === 32 ? "secp256r1" : "secp384r1", point: value };
};

/** @returns whether a key should not be trusted any more (NIST SP 800-131A: RSA of 2048 bits at least) */
export const isWeak = (key: Key): boolean =>
	key?.kind === "rsa" &&
	// Every key in use today has the exponent 65537.
	(key.modulus.length < 256 ||
		(key.modulus.length === 256 && (key.modulus[0] as number) < 0x80) ||
		key.exponent.length < 3);

/** 1.2.840.113549.1.1 and 1.2.840.10045, their bytes between dots. */
const pkcs1 = "42.134.72.134.247.13.1.1.";
const x962 = "42.134.72.206.61.";

/** Reads a positive INTEGER. @returns its bytes without the zero in front */
export const unsigned = (numbers: DerReader): Uint8Array => {
	const number = numbers.next(0x02);
	expect((number[0] as number) < 0x80);
	return number[0] === 0 ? number.subarray(1) : number;
};

/**
 * @param der PKCS #1 (RFC 8017, appendix A.1.2), or PKCS #8 (RFC 5208, section 5)
 * @returns a reader of the numbers of an RSA key, from the modulus on
 * @throws RangeError on another kind of key
 */
export const privateKeyReader = (der: Uint8Array): DerReader => {
	let parts = new DerReader(new DerReader(der).next(0x30));
	// The version.
	parts.next(0x02);
	if (parts.peek() === 0x30) {
		expect(new DerReader(parts.next()).next(0x06).join(".") === `${pkcs1}1`);
		parts = new DerReader(new DerReader(parts.next(0x04)).next(0x30));
		parts.next(0x02);
	}
	return parts;
};

/** How a certificate is signed. */
export interface Algorithm {
	/** undefined: in a way that the SDK cannot verify, RSA-PSS and Ed25519 among them. */
	readonly kind: "rsa" | "ecdsa" | undefined;
	/** As the SDK's `Digest` names it. Meaningless without a kind. */
	readonly hash: "SHA256" | "SHA384" | "SHA512";
	/** With MD5 or SHA-1, which prove nothing any more. */
	readonly weak: boolean;
}

/** @param name the object identifier's bytes between dots (RFC 8017, appendix C; RFC 5758, section 3.2) */
export const algorithmOf = (name: string): Algorithm => {
	const rsa = name.indexOf(pkcs1) === 0;
	const number = Number(name.slice((rsa ? pkcs1 : sha2).length)) - (rsa ? 11 : 2);
	const known = (rsa || name.indexOf(sha2) === 0) && number >= 0 && number < 3;
	return {
		kind: known ? (rsa ? "rsa" : "ecdsa") : undefined,
		hash: number === 2 ? "SHA512" : number === 1 ? "SHA384" : "SHA256",
		weak: name === `${x962}4.1` || name === `${pkcs1}4` || name === `${pkcs1}5`,
	};
};

/** ecdsa-with-SHA2: 1.2.840.10045.4.3. */
const sha2 = `${x962}4.3.`;
