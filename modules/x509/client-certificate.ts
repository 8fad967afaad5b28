import { configurationError } from "../configuration/readers.js";
import type { CertificateCredential } from "../contracts/credential.js";
import type { Problem } from "../contracts/error.js";
import type { Crypto, Milliseconds } from "../contracts/host.js";
import { Secret } from "../core/secret.js";
import { algorithmOf, fieldsOf, isWeak, keyIn, privateKeyReader, unsigned } from "./certificate.js";

/**
 * Converts certificate and key from PEM to a credential that a connection can be opened with (invariant 4). Which
 * authorities and purposes a server accepts is for the server to say.
 *
 * @param certificates concatenated, the device's own first
 * @param now default: 1 January 2026. A certificate that expired before has expired by any clock
 * @throws Failure `bad-configuration` with the key at fault, `clientCertificate` or `clientKey`
 */
export const certificateFromPem = (
	crypto: Crypto,
	certificates: string,
	key: string,
	now: Milliseconds = 1_767_225_600_000,
): CertificateCredential => {
	const end = "-----END CERTIFICATE-----";
	const chain: Uint8Array[] = [];
	let read = "clientCertificate";
	let problem: Problem = "invalid";
	try {
		// The text is sent to the platform, which must not see the key.
		const parts = certificates.includes("PRIVATE KEY") ? [] : certificates.split(end);
		// Drop the text after the last certificate.
		for (let i = 0; i < parts.length - 1; i++) {
			chain.push(crypto.fromPem(parts[i] + end));
			fieldsOf(chain[i] as Uint8Array);
		}
		const { key: info, algorithm, to } = fieldsOf(chain[0] as Uint8Array);
		const own = keyIn(info);
		if (own?.kind !== "rsa") problem = "unsupported";
		else if (isWeak(own) || algorithmOf(algorithm).weak) problem = "weak";
		else if (now >= to) problem = "expired";
		else {
			read = "clientKey";
			const der = crypto.fromPem(key);
			const reader = privateKeyReader(der);
			const number = (bytes: Uint8Array) => BigInt(`0x${crypto.hex(bytes)}`);
			const e = number(own.exponent);
			// n, e, d, p, q, dP, dQ, qInv.
			const numbers: bigint[] = [];
			while (numbers.length < 8) numbers.push(number(unsigned(reader)));
			const p = numbers[3] as bigint;
			const q = numbers[4] as bigint;
			// RFC 8017, section 3.2. Otherwise its signatures would be wrong.
			if (numbers[0] !== number(own.modulus)) problem = "mismatched";
			else if (
				p * q === numbers[0] &&
				(e * (numbers[5] as bigint)) % (p - 1n) === 1n &&
				(e * (numbers[6] as bigint)) % (q - 1n) === 1n &&
				(q * (numbers[7] as bigint)) % p === 1n
			)
				return { kind: "certificate", certificates: chain, secret: new Secret(crypto.base64(der)) };
		}
	} catch {}
	throw configurationError(read, problem);
};
