import BER from "ber";
import { Digest } from "crypt";
import ECDSA from "ecdsa";
import PKCS1_5 from "pkcs1_5";
import X509, { type PublicKey, type Rsa } from "x509";

/** An X.509 certificate (RFC 5280), read as far as trusting it needs. */
export interface Certificate {
	readonly der: Uint8Array;
	/** Names as DER, with tag and length. */
	readonly issuer: Uint8Array;
	readonly subject: Uint8Array;
	/** UTC in milliseconds since 1970. */
	readonly from: number;
	readonly to: number;
	readonly key: PublicKey;
	readonly signed: Uint8Array;
	readonly algorithm: string;
	readonly signature: Uint8Array;
}

/** @throws Error on malformed input */
export function readCertificate(der: Uint8Array): Certificate {
	const { tbs, algo, sig, spki } = X509.decode(der);
	const { issuer, subject, validity } = X509.decodeTBS(tbs);
	return {
		der,
		issuer,
		subject,
		from: validity.from,
		to: validity.to,
		key: spki,
		signed: tbs,
		algorithm: algo.join("."),
		signature: sig,
	};
}

const rsaSignatures: Readonly<Record<string, "SHA256" | "SHA384" | "SHA512">> = Object.freeze({
	"1.2.840.113549.1.1.11": "SHA256",
	"1.2.840.113549.1.1.12": "SHA384",
	"1.2.840.113549.1.1.13": "SHA512",
});

const ecdsaSignatures: Readonly<Record<string, "SHA256" | "SHA384" | "SHA512">> = Object.freeze({
	"1.2.840.10045.4.3.2": "SHA256",
	"1.2.840.10045.4.3.3": "SHA384",
	"1.2.840.10045.4.3.4": "SHA512",
});

/**
 * Whether the holder of this key has signed the certificate. MD5 and SHA-1 do not count
 * as signatures any more.
 */
export function isSignedBy({ signed, algorithm, signature }: Certificate, key: PublicKey): boolean {
	const rsa = rsaSignatures[algorithm];
	if (rsa && "modulus" in key) {
		return hasSafeExponent(key) && new PKCS1_5(key, false, []).verify(new Digest(rsa).process(signed), signature);
	}
	const ecdsa = ecdsaSignatures[algorithm];
	if (ecdsa && "curve" in key && isInRange(signature, key)) {
		// A digest longer than the order counts with its first bytes only (FIPS 186-4, section 6.4).
		const digest = new Digest(ecdsa).process(signed).slice(0, key.curve.orderSize);
		return new ECDSA(key.pub, key.curve).verify(digest, signature, true);
	}
	return false;
}

/**
 * Whether signatures by this RSA key mean anything to the SDK. It checks their padding so
 * loosely that with a small exponent anybody can make one up (Bleichenbacher, 2006); every
 * key in use today has 65537.
 */
function hasSafeExponent({ exponent }: Rsa): boolean {
	return exponent >= 65537n;
}

/** Whether this is an RSA key that should not be trusted any more (NIST SP 800-131A: 2048 bits at least). */
export function isWeak(key: PublicKey): boolean {
	return "modulus" in key && !(hasSafeExponent(key) && BigInt.bitLength(key.modulus) >= 2048);
}

/** Whether a key exchange may be signed with this key. */
export function isStrong(key: PublicKey): boolean {
	return ("modulus" in key || "curve" in key) && !isWeak(key);
}

/** MD5 and SHA-1 with RSA, SHA-1 with ECDSA. */
const weakSignatures: readonly string[] = Object.freeze([
	"1.2.840.113549.1.1.4",
	"1.2.840.113549.1.1.5",
	"1.2.840.10045.4.1",
]);

/** Whether the certificate is signed in a way that proves nothing any more. */
export function isWeaklySigned({ algorithm }: Certificate): boolean {
	return weakSignatures.includes(algorithm);
}

/**
 * Whether an ECDSA signature has r and s from 1 to n - 1. The SDK does not look, and
 * takes zeros for a signature of anything.
 *
 * @param signature DER
 */
export function isInRange(signature: Uint8Array, key: PublicKey): boolean {
	if (!("curve" in key)) return false;
	const numbers = new BER(new BER(signature).getSequence());
	const r = numbers.getInteger();
	const s = numbers.getInteger();
	const { n } = key.curve;
	return r > 0n && r < n && s > 0n && s < n;
}

/**
 * Whether this certificate may sign others (RFC 5280, sections 4.2.1.3, 4.2.1.9, 4.2.1.10).
 * One with name constraints may not: nothing here could keep them.
 *
 * @param below how many authorities stand between this one and the server's certificate
 */
export function isAuthority({ der }: Certificate, below: number): boolean {
	const constraints = X509.decodeExtension(der, [2, 5, 29, 19]);
	if (constraints === undefined || X509.decodeExtension(der, [2, 5, 29, 30]) !== undefined) return false;
	const basic = new BER(new BER(constraints).getSequence());
	if (basic.peek() !== 0x01) return false;
	basic.skip(1);
	if (basic.getChunk(basic.getLength())[0] === 0) return false;
	if (basic.readable && basic.getInteger() < BigInt(below)) return false;
	const usage = X509.decodeExtension(der, [2, 5, 29, 15]);
	// BIT STRING: tag, length, unused bits, bits; keyCertSign is bit 5.
	return usage === undefined || ((new Uint8Array(usage)[3] ?? 0) & 0x04) !== 0;
}

/** id-kp-serverAuth, and anyExtendedKeyUsage (RFC 5280, section 4.2.1.12), hexadecimal. */
const serverPurposes = Object.freeze(["2b06010505070301", "551d2500"]);

/** Whether this certificate may stand for a server: an extended key usage, if there is one, says so. */
export function isForServers({ der }: Certificate): boolean {
	const extension = X509.decodeExtension(der, [2, 5, 29, 37]);
	if (extension === undefined) return true;
	const purposes = new BER(new BER(extension).getSequence());
	while (purposes.readable) {
		purposes.getTag();
		if (serverPurposes.includes(purposes.getChunk(purposes.getLength()).slice().toHex())) return true;
	}
	return false;
}

const ipv4 = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * Whether the certificate carries this host name (RFC 6125): as it is, with `*` for the
 * whole first label, or as an IPv4 address. The common name does not count.
 */
export function carriesName({ der }: Certificate, host: string): boolean {
	const wanted = host.toLowerCase();
	const isAddress = ipv4.test(wanted);
	const wildcard = `*${wanted.slice(wanted.indexOf("."))}`;
	// At least two labels after the star: "*.com" is nobody's.
	const mayBeWildcard = wildcard.indexOf(".", 2) > 0;
	return (X509.decodeSAN(der) ?? []).some((name) => {
		if (isAddress) return name.tag === 7 && new Uint8Array(name.value).join(".") === wanted;
		if (name.tag !== 2) return false;
		const carried = name.value.toLowerCase();
		return carried === wanted || (mayBeWildcard && carried === wildcard);
	});
}
