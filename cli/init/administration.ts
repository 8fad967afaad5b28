/** The administration of a local cloud, over HTTP. Any other program may listen at its port: no response is trusted. */

import { UsageError } from "../command-line/usage-error.js";
import { replaceControls } from "../terminal/replace-controls.js";

/** Where the documents start a local cloud's administration. */
export const defaultAdminUrl = "http://127.0.0.1:8480";

/** Milliseconds for a whole response, on a busy computer. */
const defaultTimeout = 30_000;

/** Bytes of a response: a product, a device, or the addresses with a certificate. */
const maxLength = 64 * 1024;

/** A response of the administration: the status of HTTP, and JSON. */
export interface AdminResponse {
	readonly status: number;
	readonly body: unknown;
}

/** Something responds, but not as an administration does. `message` is a sentence. */
export class ForeignServer extends Error {}

/** @throws UsageError unless it is HTTP on this computer: the request has the product's secret */
export function checkAdminUrl(admin: string): void {
	const { protocol = "", hostname = "" } = URL.canParse(admin) ? new URL(admin) : {};
	if (protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+)$/.test(hostname)) return;
	throw new UsageError(
		`--admin is invalid: "${replaceControls(admin)}". Expected an address of this computer, such as http://127.0.0.1:8480, since the administration is on 127.0.0.1 only.`,
	);
}

/**
 * @throws ForeignServer if the response is not JSON, too long, too slow or a redirect; Error if there is none
 */
export async function requestAdmin(
	admin: string,
	method: string,
	path: string,
	body?: unknown,
	timeout = defaultTimeout,
): Promise<AdminResponse> {
	const signal = AbortSignal.timeout(timeout);
	let response: Response;
	let text: string | undefined;
	try {
		response = await fetch(new URL(path, admin), {
			method,
			signal,
			redirect: "manual",
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		text = await readWithin(response, maxLength);
	} catch (error) {
		if (signal.aborted) throw new ForeignServer(`It did not send a whole response within ${timeout / 1000} s.`);
		throw error;
	}
	const { status } = response;
	if (text === undefined) throw new ForeignServer(`Its response is longer than ${maxLength} bytes.`);
	if (status >= 300 && status < 400) throw new ForeignServer(`It redirects to another address (HTTP ${status}).`);
	if (status === 204) return { status, body: undefined };
	try {
		return { status, body: JSON.parse(text) };
	} catch {
		throw new ForeignServer(`Its response is not JSON (HTTP ${status}).`);
	}
}

/** @returns undefined if it is longer */
async function readWithin(response: Response, limit: number): Promise<string | undefined> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of response.body ?? []) {
		length += chunk.length;
		// The connection ends with the loop.
		if (length > limit) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}
