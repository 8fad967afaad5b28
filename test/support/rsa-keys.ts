/**
 * Keys for certificates at next to no cost: RSA 2048 takes a tenth of a second each, and some suites make hundreds.
 * Some primes are made once for all test processes; each process makes keys of two of them, no two alike, so that no
 * two authorities share one. Good for tests only: who knows two of these keys may know the primes of a third.
 *
 * `ava.config.js` loads it before each test file.
 */

import { generateKeyPairSync, webcrypto } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../primes.json", import.meta.url));
/** Enough for 496 keys. */
const count = 32;
const exponent = 65_537n;
const { subtle } = webcrypto;
let pairs: Iterator<readonly [bigint, bigint]> | undefined;

/** Of 1024 bits each, in an order without meaning. */
function primes(): bigint[] {
	if (!existsSync(file)) {
		const made: string[] = [];
		while (made.length < count) {
			const { p, q } = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
			made.push(p as string, q as string);
		}
		const mine = `${file}.${process.pid}`;
		writeFileSync(mine, JSON.stringify(made), { mode: 0o600 });
		renameSync(mine, file);
	}
	return JSON.parse(readFileSync(file, "utf8")).map(decode);
}

function* combinations(): Generator<readonly [bigint, bigint]> {
	const all = primes();
	for (let distance = 1; distance < all.length; distance++)
		for (let index = 0; index + distance < all.length; index++)
			yield [all[index] as bigint, all[index + distance] as bigint];
}

/** RFC 8017, 3.2. */
function privateKey([first, second]: readonly [bigint, bigint]): webcrypto.JsonWebKey {
	const [p, q] = first > second ? [first, second] : [second, first];
	const d = inverse(exponent, (p - 1n) * (q - 1n));
	const numbers = { n: p * q, e: exponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
	return { kty: "RSA", ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, encode(value)])) };
}

function inverse(value: bigint, modulus: bigint): bigint {
	let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
	while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
	return ((x % modulus) + modulus) % modulus;
}

function decode(text: string): bigint {
	return BigInt(`0x${Buffer.from(text, "base64url").toString("hex")}`);
}

function encode(value: bigint): string {
	const hex = value.toString(16);
	return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex").toString("base64url");
}

async function keyPair(algorithm: webcrypto.RsaHashedKeyGenParams): Promise<webcrypto.CryptoKeyPair> {
	pairs ??= combinations();
	const { value } = pairs.next();
	if (value === undefined) throw new Error("a test process has made more keys than there are: raise count");
	const jwk = privateKey(value);
	const { kty, n, e } = jwk;
	const open = { kty, n, e } as webcrypto.JsonWebKey;
	return {
		privateKey: await subtle.importKey("jwk", jwk, algorithm, true, ["sign"]),
		publicKey: await subtle.importKey("jwk", open, algorithm, true, ["verify"]),
	};
}

const generateKey = subtle.generateKey.bind(subtle) as (...given: unknown[]) => Promise<unknown>;
Object.assign(subtle, {
	generateKey: (algorithm: Partial<webcrypto.RsaHashedKeyGenParams>, ...others: unknown[]) =>
		algorithm.name === "RSASSA-PKCS1-v1_5" && algorithm.modulusLength === 2048
			? keyPair(algorithm as webcrypto.RsaHashedKeyGenParams)
			: generateKey(algorithm, ...others),
});
