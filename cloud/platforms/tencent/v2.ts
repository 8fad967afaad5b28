/** Version 2: signature in X-TC-… headers over the raw body. Used by Hub C from 3.3 on, and the Java and Python SDKs. */

import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Context, RegistrationRequest } from "../platform.js";
import { Refusal } from "../refusal.js";
import { readCertificateFields } from "./customer-ca-certificate.js";
import { type Claim, readBody, readName, type Version } from "./registration.js";
import * as responses from "./responses.js";
import { explain, type HmacName, hashes, type Mistake, type Recipe, signature } from "./signature.js";

export const v2: Version = {
	operation: "register/v2",
	responses: responses.v2,
	keys: { product: "ProductId", device: "DeviceName" },
	read,
};

/** Seconds that a board's clock may be off. The vendor documents no limit; its generic cloud API allows five minutes. */
const clockTolerance = 300;

/** Accepted at any time: "unknown" (vendor documentation), and the constant that Hub C 3.3 sends. */
const timeless = [0, 1609430400];

function read(request: RegistrationRequest): Claim {
	const algorithm = header(request.headers, "X-TC-Algorithm", /^[\w-]{1,32}$/);
	if (algorithm !== "hmacsha1" && algorithm !== "hmacsha256")
		throw new Refusal("bad-request", `X-TC-Algorithm is "${algorithm}": it must be hmacsha1 or hmacsha256`);
	const timestamp = header(request.headers, "X-TC-Timestamp", /^\d{1,15}$/);
	const nonce = header(request.headers, "X-TC-Nonce", /^\d{1,20}$/);
	const received = header(request.headers, "X-TC-Signature", /^\S{1,200}$/);
	const host = header(request.headers, "Host", /^[\w.:[\]-]{1,255}$/);
	const body = readBody(request.body);

	const hashed = (bodyHash: "sha1" | "sha256", hostLine: string): string =>
		[
			"POST",
			hostLine,
			request.path,
			"",
			algorithm,
			timestamp,
			nonce,
			createHash(bodyHash).update(request.body).digest("hex"),
		].join("\n");

	return {
		productId: readName(body, "ProductId", "productId"),
		deviceName: readName(body, "DeviceName", "deviceName"),
		certificate: readCertificateFields(body),
		prove(productSecret, context) {
			const hostName = host.replace(/:\d+$/, "");
			const recipe: Recipe = {
				algorithm,
				encoding: "base64 of the raw digest",
				stringToSign: hashed(hashes[algorithm], hostName),
			};
			if (signature(recipe, productSecret) !== received)
				throw new Refusal(
					"bad-signature",
					explain(received, recipe, productSecret, mistakes(algorithm, host, hostName, recipe, hashed)),
					recipe,
				);
			checkTimestamp(Number(timestamp), context);
		},
	};
}

function header(headers: IncomingHttpHeaders, name: string, pattern: RegExp): string {
	const value = headers[name.toLowerCase()];
	if (typeof value !== "string") throw new Refusal("bad-request", `the request needs the header ${name}`);
	if (!pattern.test(value)) throw new Refusal("bad-request", `the header ${name} is malformed`);
	return value;
}

function mistakes(
	algorithm: HmacName,
	host: string,
	hostName: string,
	{ stringToSign }: Recipe,
	hashed: (bodyHash: "sha1" | "sha256", hostLine: string) => string,
): Mistake[] {
	const [expected, other] = algorithm === "hmacsha1" ? (["sha1", "sha256"] as const) : (["sha256", "sha1"] as const);
	return [
		{
			stringToSign: hashed(other, hostName),
			what: `its last line is the ${other} of the body, where ${expected} is due`,
		},
		{ stringToSign: hashed(expected, host), what: "its second line has the port, where the host name alone is due" },
		{
			stringToSign: stringToSign.replace("\n\n", "\n"),
			what: "it lacks the empty fourth line (the query string)",
		},
		{ stringToSign: `${stringToSign}\n`, what: "it ends in a line feed" },
	];
}

function checkTimestamp(timestamp: number, { now, checkTimestamps }: Context): void {
	if (!checkTimestamps || timeless.includes(timestamp)) return;
	const off = Math.round(timestamp - now / 1000);
	if (Math.abs(off) <= clockTolerance) return;
	throw new Refusal(
		"bad-timestamp",
		`X-TC-Timestamp is ${Math.abs(off)} s ${off < 0 ? "behind" : "ahead"}: the board's clock is wrong; it should send UTC, or 0 while it does not know the time`,
	);
}
