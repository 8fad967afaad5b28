/** One definition of an operation of the administration: its method, path, body, response and what it does. */

import type { ServerResponse } from "node:http";
import type { CertificateSelector } from "../certificates/certificate-selector.js";
import type { DeviceCertificates } from "../certificates/device-certificates.js";
import type { Activity } from "../console/activity.js";
import type { EventReaders } from "../console/server-sent-events.js";
import type { Faults } from "../faults/faults.js";
import type { Broker } from "../mqtt/broker.js";
import type { Platform } from "../platforms/platform.js";
import type { Products } from "../products/products.js";
import type { Journal } from "../server/journal.js";
import type { PortName } from "../server/listen.js";
import type { SntpServer } from "../server/sntp-server.js";
import type { StateFile } from "../server/state-file.js";
import { AdminError } from "./admin-error.js";
import type { Schema } from "./schema.js";

/** The parts of the cloud that operations work on. */
export interface AdminContext {
	readonly platforms: readonly Platform[];
	readonly products: Products;
	readonly deviceCertificates: DeviceCertificates;
	readonly certificates: CertificateSelector;
	readonly broker: Broker;
	readonly sntp: SntpServer;
	readonly faults: Faults;
	readonly journal: Journal;
	readonly cloud: AdministeredCloud;
	readonly activity: Activity;
	readonly readers: EventReaders;
	/** Required of a web page that changes something or asks for a secret. */
	readonly token: string;
	/** Undefined where the state ends with the process. */
	readonly stateFile: Pick<StateFile<unknown>, "failure" | "writeSoon"> | undefined;
}

export interface AdministeredCloud {
	readonly urls: Readonly<Record<PortName, string>>;
	/** PEM file of the authority's certificate. */
	readonly ca: string;
	/** The authority's certificate, PEM. */
	readonly authority: string;
	/** A restart is under way. */
	readonly restarting: boolean;
	/** Ends everything that boards talk to, and starts it again after so many seconds. */
	restart(seconds: number): Promise<void>;
}

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** The names in a path like `/products/:platform/:id`. */
export type PathNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
	? Name | PathNames<Rest>
	: Path extends `${string}:${infer Name}`
		? Name
		: never;

export type PathValues<Path extends string> = Readonly<Record<PathNames<Path>, string>>;

type BodySchema<Path extends string, Body> =
	| Schema<Body>
	/** Where the body's keys depend on the platform. */
	| ((context: AdminContext, values: PathValues<Path>) => Schema<Body>);

interface Definition<Path extends string, Body, View, Result> {
	readonly method: Method;
	/** `:name` stands for a name. */
	readonly path: Path;
	/** For people: a sentence. */
	readonly summary: string;
	/** Default: the body is ignored. */
	readonly body?: BodySchema<Path, Body>;
	/** Of a successful response. Default: status 204, without a body. */
	readonly response?: Schema<View>;
	/** It changes products or devices, which are saved. It is not carried out while they cannot be. */
	readonly changesState?: true;
	/** It changes nothing, in spite of its method. */
	readonly changesNothing?: true;
	/** @throws AdminError */
	run(context: AdminContext, values: PathValues<Path>, body: Body): Result;
}

/** The result of an operation that responds with a stream: server-sent events. */
export interface StreamedResponse {
	/** @param lastId the request's `Last-Event-ID` */
	stream(response: ServerResponse, lastId: string | undefined): void;
}

export function isStreamed(result: unknown): result is StreamedResponse {
	return typeof result === "object" && result !== null && "stream" in result;
}

/** An operation as the router, or the writer of an OpenAPI document, sees it. */
export interface Route {
	readonly method: Method;
	readonly path: string;
	readonly summary: string;
	readonly response?: Schema<unknown>;
	/** @param values of the path. @returns undefined if the body is ignored. @throws AdminError 404 */
	bodySchema(context: AdminContext, values: Readonly<Record<string, string>>): Schema<unknown> | undefined;
	/** @param body JSON. @throws AdminError */
	serve(context: AdminContext, values: Readonly<Record<string, string>>, body: unknown): unknown;
}

export interface Operation<Path extends string, Body, View, Result>
	extends Definition<Path, Body, View, Result>,
		Route {
	readonly path: Path;
	readonly response?: Schema<View>;
}

export function operation<
	const Path extends string,
	Body = undefined,
	View = void,
	Result extends View | Promise<View> | StreamedResponse = View,
>(definition: Definition<Path, Body, View, Result>): Operation<Path, Body, View, Result> {
	const bodySchema = (context: AdminContext, values: PathValues<Path>): Schema<Body> | undefined =>
		typeof definition.body === "function" ? definition.body(context, values) : definition.body;
	const { changesState = false, changesNothing = definition.method === "GET" } = definition;
	const run: typeof definition.run = (context, values, body) => {
		if (changesState) refuseIfUnsaved(context.stateFile?.failure);
		const result = definition.run(context, values, body);
		if (changesNothing) return result;
		const changed = () => context.activity.changed(definition.method, requestPath(definition.path, values));
		if (result instanceof Promise) result.then(changed, () => {});
		else changed();
		return result;
	};
	return {
		...definition,
		run,
		bodySchema: (context, values) => bodySchema(context, values as PathValues<Path>),
		async serve(context, given, body) {
			const values = given as PathValues<Path>;
			const { stateFile } = context;
			if (changesState && stateFile?.failure) await stateFile.writeSoon();
			const result = await run(context, values, bodySchema(context, values)?.read("", body) as Body);
			if (changesState) refuseIfUnsaved(await stateFile?.writeSoon(), "The change was made, but not saved. ");
			return result;
		},
	};
}

/** @returns the path of a request with these values */
function requestPath(path: string, values: Readonly<Record<string, string>>): string {
	return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

function refuseIfUnsaved(failure: Error | undefined, carriedOut = ""): void {
	if (!failure) return;
	const { message, cause } = failure;
	const why = cause instanceof Error ? `${message} Cause: ${cause.message}.` : message;
	throw new AdminError(503, `${carriedOut}${why} The cloud retries every second.`);
}
