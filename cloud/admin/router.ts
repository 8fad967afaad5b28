/** The administration over HTTP, in JSON. `docs/local-cloud.md` lists the operations. */

import { type HttpRequest, type HttpResponse, problem } from "../http/request-listener.js";
import { parseJson } from "../server/parse-json.js";
import { AdminError } from "./admin-error.js";
import type { AdminContext, Route } from "./operation.js";

export class Router {
	readonly #routes: readonly Route[];
	readonly #context: AdminContext;

	constructor(routes: readonly Route[], context: AdminContext) {
		this.#routes = routes;
		this.#context = context;
	}

	async respond(request: HttpRequest): Promise<HttpResponse> {
		try {
			refuseForeignPages(request);
			return await this.#serve(request);
		} catch (error) {
			if (error instanceof AdminError) return { status: error.status, body: problem(error.message) };
			throw error;
		}
	}

	async #serve({ method, path, body }: HttpRequest): Promise<HttpResponse> {
		const found = this.#routes.flatMap((route) => {
			const values = match(route.path, path);
			return values ? [{ route, values }] : [];
		});
		if (found.length === 0) {
			const paths = [...new Set(this.#routes.map((route) => route.path.replaceAll(/:\w+/g, ":")))].join(" ");
			return { status: 404, body: problem(`there is nothing at ${path}; there is ${paths}`) };
		}
		const operation = found.find(({ route }) => route.method === method);
		if (!operation) {
			const allowed = found.map(({ route }) => route.method).join(", ");
			const sentence = `${method} does nothing here: there is ${allowed}`;
			return { status: 405, body: problem(sentence), headers: { Allow: allowed } };
		}
		const { route, values } = operation;
		const result = await route.serve(this.#context, values, readBody(body));
		return route.response ? { status: 200, body: JSON.stringify(result) } : { status: 204, body: "" };
	}
}

/** A web page of another origin must not administer the cloud through its visitor's browser. */
function refuseForeignPages({ headers }: HttpRequest): void {
	if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
		throw new AdminError(400, "requests from web pages of other origins are refused");
}

/** @returns the values of the pattern's names, undefined if the path does not match */
function match(pattern: string, path: string): Record<string, string> | undefined {
	const wanted = pattern.split("/");
	const given = path.split("/");
	if (wanted.length !== given.length) return undefined;
	if (!wanted.every((part, index) => part.startsWith(":") || part === given[index])) return undefined;
	try {
		return Object.fromEntries(
			wanted.flatMap((part, index) =>
				part.startsWith(":") ? [[part.slice(1), decodeURIComponent(given[index] ?? "")]] : [],
			),
		);
	} catch {
		throw new AdminError(400, `${path} is not a well-formed path`);
	}
}

function readBody(bytes: Buffer): unknown {
	if (bytes.length === 0) return {};
	try {
		const body = parseJson(bytes.toString("utf8"));
		if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
	} catch {
		// The error below names the expected form.
	}
	throw new AdminError(400, "the body must be a JSON object");
}
