/** Version 2: signature in X-TC-… headers over the raw body. Used by Hub C from 3.3 on, and the Java and Python SDKs. */

import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { PlatformContext, RegistrationRequest } from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { readCertificateFields } from "./customer-ca-certificate.js";
import { type ParsedRequest, type ProtocolVersion, readBody, readName } from "./registration.js";
import * as responses from "./responses.js";
import {
	createSignature,
	explainSignature,
	type HmacName,
	hashes,
	type Mistake,
	type SignatureSpec,
} from "./signature.js";

export const v2: ProtocolVersion = {
	operation: "register/v2",
	responses: responses.v2,
	keys: { product: "ProductId", device: "DeviceName" },
	read,
};

/** Seconds that a board's clock may be off. The vendor documents no limit; its generic cloud API allows five minutes. */
const clockTolerance = 300;

/** Accepted at any time: "unknown" (vendor documentation), and the constant that Hub C 3.3 sends. */
const timeless = [0, 1609430400];

function read(request: RegistrationRequest): ParsedRequest {
	const algorithm = header(request.headers, "X-TC-Algorithm", /^[\w-]{1,32}$/);
	if (algorithm !== "hmacsha1" && algorithm !== "hmacsha256")
		throw new RegistrationRefusal(
			"bad-request",
			`X-TC-Algorithm is invalid: "${algorithm}". Expected hmacsha1 or hmacsha256.`,
		);
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
		verify(productSecret, context) {
			const hostName = host.replace(/:\d+$/, "");
			const spec: SignatureSpec = {
				algorithm,
				encoding: "base64 of the raw digest",
				stringToSign: hashed(hashes[algorithm], hostName),
			};
			if (createSignature(spec, productSecret) !== received)
				throw new RegistrationRefusal(
					"bad-signature",
					explainSignature(received, spec, productSecret, mistakes(algorithm, host, hostName, spec, hashed)),
					spec,
				);
			checkTimestamp(Number(timestamp), context);
		},
	};
}

function header(headers: IncomingHttpHeaders, name: string, pattern: RegExp): string {
	const value = headers[name.toLowerCase()];
	if (typeof value !== "string") throw new RegistrationRefusal("bad-request", `The header ${name} is missing.`);
	if (!pattern.test(value)) throw new RegistrationRefusal("bad-request", `The header ${name} is malformed.`);
	return value;
}

function mistakes(
	algorithm: HmacName,
	host: string,
	hostName: string,
	{ stringToSign }: SignatureSpec,
	hashed: (bodyHash: "sha1" | "sha256", hostLine: string) => string,
): Mistake[] {
	const [expected, other] = algorithm === "hmacsha1" ? (["sha1", "sha256"] as const) : (["sha256", "sha1"] as const);
	return [
		{
			stringToSign: hashed(other, hostName),
			mistake: `The last line is the ${other} of the body. Expected its ${expected}.`,
		},
		{ stringToSign: hashed(expected, host), mistake: "The second line has the port. Expected the host name alone." },
		{
			stringToSign: stringToSign.replace("\n\n", "\n"),
			mistake: "The empty fourth line (the query string) is missing.",
		},
		{ stringToSign: `${stringToSign}\n`, mistake: "The signed text ends in a line feed. Expected no line feed." },
	];
}

function checkTimestamp(timestamp: number, { now, checkTimestamps }: PlatformContext): void {
	if (!checkTimestamps || timeless.includes(timestamp)) return;
	const off = Math.round(timestamp - now / 1000);
	if (Math.abs(off) <= clockTolerance) return;
	throw new RegistrationRefusal(
		"bad-timestamp",
		`X-TC-Timestamp is ${Math.abs(off)} s ${off < 0 ? "behind" : "ahead"}. The board's clock is wrong. Expected UTC, or 0 while the board does not know the time.`,
	);
}
