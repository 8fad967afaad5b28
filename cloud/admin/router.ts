/** The administration over HTTP, in JSON, and the console. `docs/guides/local-cloud.md` lists the operations. */

import { findJsonMistake } from "dynreg/configuration/json-mistake";
import { respondWithPage, securityHeaders } from "../console/pages.js";
import { errorBody, type HttpRequest, type HttpResponse } from "../http/request-listener.js";
import { parseJson } from "../server/parse-json.js";
import { AdminError } from "./admin-error.js";
import { type AdminContext, isStreamed, type Route } from "./operation.js";
import { refuseForeignPages, requireToken } from "./refuse-foreign-pages.js";

export class Router {
	readonly #routes: readonly Route[];
	readonly #context: AdminContext;

	constructor(routes: readonly Route[], context: AdminContext) {
		this.#routes = routes;
		this.#context = context;
	}

	async respond(request: HttpRequest): Promise<HttpResponse> {
		const response = await this.#respond(request);
		return { ...response, headers: { ...securityHeaders, ...response.headers } };
	}

	async #respond({ method, path, query, headers, body }: HttpRequest): Promise<HttpResponse> {
		try {
			refuseForeignPages(headers, new URL(this.#context.cloud.urls.http).hostname);
			if (method !== "GET") requireToken(headers, this.#context.token);
			const page = await respondWithPage(method, path, headers.accept);
			return page ?? (await this.#serve({ method, path, query, headers, body }));
		} catch (error) {
			if (error instanceof AdminError) return { status: error.status, body: errorBody(error.message) };
			throw error;
		}
	}

	async #serve({ method, path, query, headers, body }: HttpRequest): Promise<HttpResponse> {
		const found = this.#routes.flatMap((route) => {
			const values = match(route.path, path);
			return values ? [{ route, values }] : [];
		});
		if (found.length === 0) {
			const paths = [...new Set(this.#routes.map((route) => route.path.replaceAll(/:(\w+)/g, "{$1}")))].join(" ");
			return { status: 404, body: errorBody(`There is nothing at ${path}. Known paths: ${paths}`) };
		}
		const operation = found.find(({ route }) => route.method === method);
		if (!operation) {
			const allowed = found.map(({ route }) => route.method).join(", ");
			const sentence = `${method} is not allowed at ${path}. Expected ${allowed}.`;
			return { status: 405, body: errorBody(sentence), headers: { Allow: allowed } };
		}
		const { route, values } = operation;
		const result = await route.serve(this.#context, values, method === "GET" ? readQuery(query) : readBody(body));
		if (isStreamed(result)) {
			const lastId = [headers["last-event-id"]].flat()[0];
			return {
				status: 200,
				body: "",
				headers: { "Content-Type": "text/event-stream; charset=utf-8" },
				stream: (response) => result.stream(response, lastId),
			};
		}
		return route.response ? { status: 200, body: JSON.stringify(result) } : { status: 204, body: "" };
	}
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
		throw new AdminError(400, `The path ${path} is malformed.`);
	}
}

/** The query of a GET is to its operation what a body is to the others. */
function readQuery(query: string): Record<string, string> {
	return Object.fromEntries(new URLSearchParams(query));
}

function readBody(bytes: Buffer): unknown {
	if (bytes.length === 0) return {};
	const text = bytes.toString("utf8");
	try {
		const body = parseJson(text);
		if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
	} catch {
		// The error below names the expected form.
	}
	const problem = findJsonMistake(text)?.problem ?? "is invalid";
	throw new AdminError(400, `The body ${problem}. Expected a JSON object.`);
}
