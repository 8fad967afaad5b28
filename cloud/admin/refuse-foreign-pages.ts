/** A web page must not administer the cloud through its visitor's browser. */

import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIPv4 } from "node:net";
import { AdminError } from "./admin-error.js";

/**
 * Refuses requests of pages of another origin, and requests by a host name that is not this machine's: a page may have
 * pointed its own name at 127.0.0.1 (DNS rebinding), and then has the origin that it asks.
 *
 * @param ownHost the address at which boards reach the cloud
 * @throws AdminError 400
 */
export function refuseForeignPages(headers: IncomingHttpHeaders, ownHost: string): void {
	const { host, origin } = headers;
	// A link to the console is no request by the page with the link.
	const site = headers["sec-fetch-mode"] === "navigate" ? "none" : (headers["sec-fetch-site"] ?? "none");
	const isForeign = site !== "none" && site !== "same-origin";
	if (isForeign || (origin !== undefined && origin !== `http://${host}`))
		throw new AdminError(
			400,
			"A request from a web page of another origin is refused. Send the request from a program, or from a page of this address.",
		);
	// Without a Host header (HTTP/1.0) the request is not a browser's.
	if (host === undefined) return;
	const name = hostName(host);
	if (name !== undefined && (isLoopback(name) || name === ownHost)) return;
	const names = [...new Set(["localhost", "127.0.0.1", ownHost])].join(" or ");
	throw new AdminError(
		400,
		`The Host header "${host}" is refused, as a web page may point its own name here. Use ${names}.`,
	);
}

/** @returns the name or address without the port, as a browser normalizes it; undefined if the header is malformed */
function hostName(host: string): string | undefined {
	if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
	return new URL(`http://${host}`).hostname.replace(/\.$/, "");
}

/** Lower case, as Node has them. */
const tokenHeader = "x-dynreg-token";

/**
 * Refuses a request of a web page that does not have the token, which only a page of this address can read. Programs
 * send neither `Origin` nor `Sec-Fetch-Site`, and need none.
 *
 * @throws AdminError 403
 */
export function requireToken(headers: IncomingHttpHeaders, token: string): void {
	if (headers.origin === undefined && headers["sec-fetch-site"] === undefined) return;
	const given = Buffer.from(String(headers[tokenHeader] ?? ""));
	const wanted = Buffer.from(token);
	if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
	throw new AdminError(403, "The token of this web page is missing or of an earlier start. Load the page again.");
}

/** RFC 6761: names below `localhost` are loopback names too. */
function isLoopback(name: string): boolean {
	return (
		name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || (isIPv4(name) && name.startsWith("127."))
	);
}
