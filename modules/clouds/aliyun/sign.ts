import type { Crypto } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";

/** The platform's names of the HMACs. */
export type SignMethod = "hmacsha256" | "hmacsha1" | "hmacmd5";

/**
 * A signature: the hexadecimal HMAC of names and values, concatenated without separators, names in alphabetical order.
 * The platform accepts either case.
 *
 * Source: vendor documentation; LinkSDK for C 4.2.0.
 *
 * @param fields names and values, in alphabetical order of the names
 */
export const sign = (
	crypto: Crypto,
	method: SignMethod,
	secret: Secret,
	fields: Readonly<Record<string, string>>,
): string => {
	const hash = method === "hmacsha256" ? "SHA256" : method === "hmacsha1" ? "SHA1" : "MD5";
	let content = "";
	for (const name in fields) content += name + fields[name];
	return crypto.hex(crypto.hmac(hash, secret.reveal(), content));
};
