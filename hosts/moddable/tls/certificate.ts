import Resource from "Resource";
import BER from "ber";
import { Digest } from "crypt";
import ECDSA from "ecdsa";
import PKCS1_5 from "pkcs1_5";
import X509, { type PublicKey, type Rsa } from "x509";

/**
 * An X.509 certificate (RFC 5280), DER. What is asked of it is read each time: a board has no memory for all
 * that is in a chain of them.
 */
export type Certificate = Uint8Array;

/** Who issued it to whom, as DER with tag and length. @throws Error on malformed input */
export const namesIn = (certificate: Certificate): { readonly issuer: Uint8Array; readonly subject: Uint8Array } => {
	const { issuer, subject } = X509.decodeTBS(partsOf(certificate).next());
	return { issuer, subject };
};

/** When it is valid, UTC in milliseconds since 1970. */
export const validityOf = (certificate: Certificate): { readonly from: number; readonly to: number } =>
	X509.decodeTBS(partsOf(certificate).next()).validity;

/** @throws Error on a curve that the SDK does not know */
export const keyIn = (certificate: Certificate): PublicKey => X509.decodeSPKI(certificate);

/** What is signed, how, and the signature. */
const partsOf = (certificate: Certificate): BER => new BER(new BER(certificate).getSequence());

const rsa = "1.2.840.113549.1.1.";
const ecdsa = "1.2.840.10045.4.";

/** SHA-256, SHA-384 and SHA-512 follow each other in both families of signatures. @param first the one with SHA-256 */
const hashOf = (algorithm: string, family: string, first: number) =>
	algorithm.indexOf(family) === 0
		? (["SHA256", "SHA384", "SHA512"] as const)[Number(algorithm.slice(family.length)) - first]
		: undefined;

/**
 * Whether the holder of this key has signed the certificate. MD5 and SHA-1 do not count
 * as signatures any more.
 */
export const isSignedBy = (certificate: Certificate, key: PublicKey): boolean => {
	// Not read here: what that needs would be on the stack below the arithmetic.
	const found = signatureIn(certificate, key);
	if (!found) return false;
	if ("modulus" in key) return new PKCS1_5(key, false, []).verify(found.digest, found.signature);
	return "curve" in key && new ECDSA(key.pub, key.curve).verify(found.digest, found.signature, true);
};

interface Signature {
	readonly digest: ArrayBuffer;
	readonly signature: Uint8Array;
}

/** @returns undefined where this key cannot have made one that counts */
const signatureIn = (certificate: Certificate, key: PublicKey): Signature | undefined => {
	const parts = partsOf(certificate);
	const signed = parts.next();
	const algorithm = algorithmIn(parts);
	const signature = parts.getBitString();
	if ("modulus" in key) {
		const hash = hashOf(algorithm, rsa, 11);
		return hash && hasSafeExponent(key) ? { digest: new Digest(hash).process(signed), signature } : undefined;
	}
	const hash = hashOf(algorithm, `${ecdsa}3.`, 2);
	if (!hash || !("curve" in key) || !isInRange(signature, key)) return undefined;
	// A digest longer than the order counts with its first bytes only (FIPS 186-4, section 6.4).
	return { digest: new Digest(hash).process(signed).slice(0, key.curve.orderSize), signature };
};

const algorithmIn = (parts: BER): string => new BER(parts.getSequence()).getObjectIdentifier().join(".");

/**
 * Whether signatures by this RSA key mean anything to the SDK. It checks their padding so
 * loosely that with a small exponent anybody can make one up (Bleichenbacher, 2006); every
 * key in use today has 65537.
 */
const hasSafeExponent = ({ exponent }: Rsa): boolean => exponent >= 65537n;

/** Whether this is an RSA key that should not be trusted any more (NIST SP 800-131A: 2048 bits at least). */
export const isWeak = (key: PublicKey): boolean =>
	"modulus" in key && !(hasSafeExponent(key) && BigInt.bitLength(key.modulus) >= 2048);

/** Whether a key exchange may be signed with this key. */
export const isStrong = (key: PublicKey): boolean => ("modulus" in key || "curve" in key) && !isWeak(key);

/** Whether the certificate is signed in a way that proves nothing any more: MD5 and SHA-1 with RSA, SHA-1 with ECDSA. */
export const isWeaklySigned = (certificate: Certificate): boolean => {
	const parts = partsOf(certificate);
	parts.next();
	const algorithm = algorithmIn(parts);
	return algorithm === `${rsa}4` || algorithm === `${rsa}5` || algorithm === `${ecdsa}1`;
};

/**
 * Whether an ECDSA signature has r and s from 1 to n - 1. The SDK does not look, and
 * takes zeros for a signature of anything.
 *
 * @param signature DER
 */
export const isInRange = (signature: Uint8Array, key: PublicKey): boolean => {
	if (!("curve" in key)) return false;
	const numbers = new BER(new BER(signature).getSequence());
	const r = numbers.getInteger();
	const s = numbers.getInteger();
	const { n } = key.curve;
	return r > 0n && r < n && s > 0n && s < n;
};

/**
 * Whether this certificate may sign others (RFC 5280, sections 4.2.1.3, 4.2.1.9, 4.2.1.10).
 * One with name constraints may not: nothing here could keep them.
 *
 * @param below how many authorities stand between this one and the server's certificate
 */
export const isAuthority = (certificate: Certificate, below: number): boolean => {
	const constraints = X509.decodeExtension(certificate, [2, 5, 29, 19]);
	if (constraints === undefined || X509.decodeExtension(certificate, [2, 5, 29, 30]) !== undefined) return false;
	const basic = new BER(new BER(constraints).getSequence());
	if (basic.peek() !== 0x01) return false;
	basic.skip(1);
	if (basic.getChunk(basic.getLength())[0] === 0) return false;
	if (basic.readable && basic.getInteger() < BigInt(below)) return false;
	const usage = X509.decodeExtension(certificate, [2, 5, 29, 15]);
	// BIT STRING: tag, length, unused bits, bits; keyCertSign is bit 5.
	return usage === undefined || ((new Uint8Array(usage)[3] ?? 0) & 0x04) !== 0;
};

/**
 * Whether this certificate may stand for a server: an extended key usage, if there is one, says so
 * (RFC 5280, section 4.2.1.12): id-kp-serverAuth, or anyExtendedKeyUsage.
 */
export const isForServers = (certificate: Certificate): boolean => {
	const extension = X509.decodeExtension(certificate, [2, 5, 29, 37]);
	if (extension === undefined) return true;
	const purposes = new BER(new BER(extension).getSequence());
	while (purposes.readable) {
		purposes.getTag();
		const purpose = purposes.getChunk(purposes.getLength()).slice().toHex();
		if (purpose === "2b06010505070301" || purpose === "551d2500") return true;
	}
	return false;
};

/**
 * Whether the certificate carries this host name (RFC 6125): as it is, with `*` for the
 * whole first label, or as an IPv4 address. The common name does not count.
 */
export const carriesName = (certificate: Certificate, host: string): boolean => {
	const extension = X509.decodeExtension(certificate, [2, 5, 29, 17]);
	if (extension === undefined) return false;
	const wanted = host.toLowerCase();
	const wildcard = `*${wanted.slice(wanted.indexOf("."))}`;
	// At least two labels after the star: "*.com" is nobody's.
	const mayBeWildcard = wildcard.indexOf(".", 2) > 0;
	const names = new BER(new BER(extension).getSequence());
	while (names.readable > 0) {
		const tag = names.getTag();
		const name = names.getChunk(names.getLength());
		// GeneralName, by their tags (RFC 5280, section 4.2.1.6): 0x87 is an address, 0x82 a name.
		if (tag === 0x87 && name.join(".") === wanted) return true;
		if (tag !== 0x82 || isAddress(wanted)) continue;
		const carried = String.fromArrayBuffer(name.slice().buffer).toLowerCase();
		if (carried === wanted || (mayBeWildcard && carried === wildcard)) return true;
	}
	return false;
};

/** No name of a host ends in a number (as the URL standard has it). */
const isAddress = (host: string): boolean => {
	const labels = host.split(".");
	const last = Number(labels[labels.length - 1]);
	return last >= 0 || last < 0;
};

/**
 * The certificates in an image's resource.
 *
 * @param name of the resource, with its ending or without
 * @returns DER
 * @throws Error when there is none
 */
export const authorityResource = (name: string): Uint8Array[] => {
	// A name that has its ending already is taken as it is.
	const endings = [".der", ".pem", ".crt", ".cer"];
	let found = name;
	for (let i = 0; i < endings.length; i++) {
		const ending = endings[i] as string;
		if (name.endsWith(ending)) {
			found = name;
			break;
		}
		if (found === name && Resource.exists(name + ending)) found += ending;
	}
	return certificatesIn(new Resource(found) as unknown as ArrayBuffer);
};

/**
 * @param contents a file of one or more certificates, PEM or DER
 * @returns DER
 * @throws Error when there is none
 */
export const certificatesIn = (contents: ArrayBuffer): Uint8Array[] => {
	const bytes = new Uint8Array(contents);
	// DER begins with a SEQUENCE.
	if (bytes[0] === 0x30) return [bytes];
	const pem = String.fromArrayBuffer(bytes.slice().buffer);
	const found: Uint8Array[] = [];
	const parts = pem.split("-----BEGIN CERTIFICATE-----");
	for (let i = 1; i < parts.length; i++) {
		const part = parts[i] as string;
		const end = part.indexOf("-----END CERTIFICATE-----");
		if (end > 0) found.push(Uint8Array.fromBase64(part.slice(0, end)));
	}
	if (found.length === 0) throw new Error("no certificate in the file");
	return found;
};
