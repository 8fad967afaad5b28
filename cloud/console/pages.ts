/** The files of the console, and what a browser must keep to. */

import { readFile } from "node:fs/promises";
import type { HttpResponse } from "../http/request-listener.js";

/** Built from `page/`; nothing else is served. */
const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
	"/console/console.js": { name: "console.js", type: "text/javascript; charset=utf-8" },
	"/console/console.css": { name: "console.css", type: "text/css; charset=utf-8" },
	"/console/icon.svg": { name: "icon.svg", type: "image/svg+xml" },
	"/console/licenses.txt": { name: "licenses.txt", type: "text/plain; charset=utf-8" },
};

const index = { name: "index.html", type: "text/html; charset=utf-8" };

/**
 * No inline code, no other host, no frame; and no text becomes HTML: the page has no policy of trusted types, so that
 * the browser refuses whatever would parse a text.
 */
const contentSecurityPolicy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self'",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
].join("; ");

/** Of all responses of the administration. */
export const securityHeaders: Readonly<Record<string, string>> = {
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control": "no-store",
};

/** @returns the file at this path, undefined if the request is not for the console */
export async function respondWithPage(method: string, path: string, accept = ""): Promise<HttpResponse | undefined> {
	if (method !== "GET") return undefined;
	// Programs get JSON at the same address.
	const file =
		path === "/" && accept.includes("text/html") ? index : Object.hasOwn(files, path) ? files[path] : undefined;
	if (!file) return undefined;
	const body = await readFile(new URL(`./page/${file.name}`, import.meta.url));
	return {
		status: 200,
		body,
		headers: {
			"Content-Type": file.type,
			"Content-Security-Policy": contentSecurityPolicy,
			"Cross-Origin-Opener-Policy": "same-origin",
			Vary: "Accept",
		},
	};
}
