/** The administration as an OpenAPI document, from the definitions that the router serves. */

import { readFileSync } from "node:fs";
import type { AdminContext, Route } from "./operation.js";
import { operation } from "./operation.js";
import { anyObject, type JsonSchema } from "./schema.js";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
	version: string;
};

/** @param routes all operations, this one too */
export function openApiOperation(routes: () => readonly Route[]) {
	return operation({
		method: "GET",
		path: "/openapi.json",
		summary: "This document.",
		response: anyObject(),
		run: (context) => openApi(routes(), context),
	});
}

export function openApi(routes: readonly Route[], context: AdminContext): Readonly<Record<string, unknown>> {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const route of routes) {
		const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
		paths[path] ??= {};
		paths[path][route.method.toLowerCase()] = describe(route, path, context);
	}
	return {
		openapi: "3.1.0",
		info: { title: "dynreg local cloud: administration", version },
		servers: [{ url: context.cloud.urls.admin }],
		paths,
		components: {
			schemas: {
				Error: { type: "object", properties: { error: { type: "string" } }, required: ["error"] },
			},
		},
	};
}

function describe(route: Route, path: string, context: AdminContext): Readonly<Record<string, unknown>> {
	const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
	const body = bodySchema(route, names, context);
	const isQuery = route.method === "GET";
	const parameters = [
		...names.map((name) => ({
			name,
			in: "path",
			required: true,
			schema:
				name === "platform"
					? { type: "string", enum: context.platforms.map((platform) => platform.name) }
					: { type: "string" },
		})),
		...(isQuery && body ? queryParameters(body) : []),
	];
	const isStream = path === "/events";
	const content = isStream
		? { "text/event-stream": { schema: { type: "string" } } }
		: route.response && { "application/json": { schema: route.response.json } };
	return {
		summary: route.summary,
		operationId: `${route.method.toLowerCase()}${path.replaceAll(/[^a-zA-Z]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
		...(parameters.length > 0 && { parameters }),
		...(!isQuery && body && { requestBody: { content: { "application/json": { schema: body } } } }),
		responses: {
			...(content ? { 200: { description: "Success.", content } } : { 204: { description: "Success." } }),
			default: {
				description: "A sentence that says what is wrong.",
				content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
			},
		},
	};
}

/** Where the keys of a body depend on the platform, any of the platforms' forms. */
function bodySchema(route: Route, names: readonly string[], context: AdminContext): JsonSchema | undefined {
	if (!names.includes("platform")) return route.bodySchema(context, {})?.json;
	const all = context.platforms.map((platform) => route.bodySchema(context, { platform: platform.name })?.json);
	const different = [...new Map(all.map((json) => [JSON.stringify(json), json])).values()].filter(
		(json) => json !== undefined,
	);
	return different.length > 1 ? { anyOf: different } : different[0];
}

function queryParameters(schema: JsonSchema): object[] {
	const required = schema.required as readonly string[];
	return Object.entries(schema.properties as Readonly<Record<string, JsonSchema>>).map(([name, json]) => ({
		name,
		in: "query",
		required: required.includes(name),
		schema: json,
	}));
}
