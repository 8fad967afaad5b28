/**
 * Keys for certificates, made once for all test processes: RSA 2048 takes a tenth of a second each, and some suites
 * make hundreds. `ava.config.js` loads it before each test file. Each process takes every key once, in order, so that
 * no two authorities share one; when there are no more, it makes its own.
 */

import { generateKeyPairSync, webcrypto } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../rsa-keys.json", import.meta.url));
const count = 64;
const { subtle } = webcrypto;
let keys: string[] | undefined;

/** PKCS #8, base64. Stands still while it is made: scaled time does not run away meanwhile. */
function make(): string {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	return privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
}

function load(): string[] {
	if (!existsSync(file)) {
		const mine = `${file}.${process.pid}`;
		writeFileSync(mine, JSON.stringify(Array.from({ length: count }, make)), { mode: 0o600 });
		renameSync(mine, file);
	}
	return JSON.parse(readFileSync(file, "utf8"));
}

async function keyPair(algorithm: RsaHashedKeyGenParams): Promise<webcrypto.CryptoKeyPair> {
	keys ??= load();
	const pkcs8 = Buffer.from(keys.shift() ?? make(), "base64");
	const privateKey = await subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]);
	const { n, e, kty } = (await subtle.exportKey("jwk", privateKey)) as webcrypto.JsonWebKey;
	const publicKey = await subtle.importKey("jwk", { n, e, kty } as webcrypto.JsonWebKey, algorithm, true, ["verify"]);
	return { privateKey, publicKey };
}

type RsaHashedKeyGenParams = webcrypto.RsaHashedKeyGenParams;

const generateKey = subtle.generateKey.bind(subtle) as (...given: unknown[]) => Promise<unknown>;
Object.assign(subtle, {
	generateKey: (algorithm: Partial<RsaHashedKeyGenParams>, ...others: unknown[]) =>
		algorithm.name === "RSASSA-PKCS1-v1_5" && algorithm.modulusLength === 2048
			? keyPair(algorithm as RsaHashedKeyGenParams)
			: generateKey(algorithm, ...others),
});
