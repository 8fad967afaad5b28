/** The administration over HTTP, in JSON. `docs/local-cloud.md` lists what there is. */

import { AdminError, type Administration, type ProductChange, type Time } from "./administration.js";
import type { FaultRule } from "./faults/rule.js";
import { type HttpAnswer, type HttpRequest, problem } from "./http-listener.js";
import { parseJson } from "./parse-json.js";
import type { Auth, RegistrationMode } from "./products.js";
import type { CertificateKind } from "./server-certificates.js";
import type { TlsPort } from "./trust.js";

/** A body, checked key by key. */
type Body = Readonly<Record<string, unknown>>;

type Action = (names: readonly string[], body: Body) => unknown;

interface Route {
	/** `:` stands for a name. */
	readonly path: string;
	readonly methods: Readonly<Record<string, Action>>;
}

/** @param place what a board has to know of this cloud: its addresses, and the file of its authority */
export function adminHandler(
	administration: Administration,
	place: () => unknown,
): (request: HttpRequest) => Promise<HttpAnswer> {
	const table = routes(administration, place);
	return async (request) => {
		try {
			refuseForeignPages(request);
			return await answer(table, request);
		} catch (error) {
			if (error instanceof AdminError) return { status: error.status, body: problem(error.message) };
			throw error;
		}
	};
}

function routes(administration: Administration, place: () => unknown): Route[] {
	const product = "/products/:/:";
	const device = `${product}/devices/:`;
	return [
		{ path: "/", methods: { GET: place } },
		{ path: "/products", methods: { GET: () => administration.products() } },
		{
			path: product,
			methods: {
				GET: ([platform = "", id = ""]) => administration.product(platform, id),
				PUT: ([platform = "", id = ""], body) => administration.putProduct(platform, id, productChange(body)),
				DELETE: ([platform = "", id = ""]) => administration.deleteProduct(platform, id),
			},
		},
		{
			path: `${product}/devices`,
			methods: { GET: ([platform = "", id = ""]) => administration.devices(platform, id) },
		},
		{
			path: device,
			methods: {
				GET: ([platform = "", id = "", name = ""]) => administration.device(platform, id, name),
				PUT: ([platform = "", id = "", name = ""], body) =>
					administration.putDevice(platform, id, name, secret(administration, platform, body)),
				DELETE: ([platform = "", id = "", name = ""]) => administration.deleteDevice(platform, id, name),
			},
		},
		{
			path: `${device}/reset`,
			methods: {
				POST: ([platform = "", id = "", name = ""]) => administration.resetDevice(platform, id, name),
			},
		},
		{
			path: `${device}/rotate`,
			methods: {
				POST: ([platform = "", id = "", name = ""], body) =>
					administration.rotateDevice(platform, id, name, secret(administration, platform, body)),
			},
		},
		{
			path: `${device}/revoke`,
			methods: {
				POST: ([platform = "", id = "", name = ""]) => administration.revokeDevice(platform, id, name),
			},
		},
		{
			path: `${device}/disconnect`,
			methods: {
				POST: ([platform = "", id = "", name = ""]) => administration.disconnectDevice(platform, id, name),
			},
		},
		{
			path: `${device}/messages`,
			methods: {
				POST: ([platform = "", id = "", name = ""], body) => {
					const { topic, payload } = message(body);
					return administration.sendMessage(platform, id, name, payload, topic);
				},
			},
		},
		{ path: "/broker/stop", methods: { POST: () => administration.stopBroker() } },
		{ path: "/broker/start", methods: { POST: () => administration.startBroker() } },
		{
			path: "/certificate",
			methods: {
				GET: () => administration.certificate(),
				PUT: (_, body) => administration.setCertificate(...certificate(body)),
			},
		},
		{
			path: "/time",
			methods: { GET: () => administration.time(), PUT: (_, body) => administration.setTime(time(body)) },
		},
		{
			path: "/faults",
			methods: {
				GET: () => administration.faults(),
				PUT: (_, body) => administration.setFaults(faultRules(body)),
				POST: (_, body) => administration.addFaults(faultRules(body)),
				DELETE: () => administration.clearFaults(),
			},
		},
		{ path: "/restart", methods: { POST: (_, body) => administration.restart(absence(body)) } },
		{
			path: "/requests",
			methods: { GET: () => administration.requests(), DELETE: () => administration.clearRequests() },
		},
	];
}

/** A web page elsewhere must not administer the cloud through its visitor's browser. */
function refuseForeignPages({ headers }: HttpRequest): void {
	if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
		throw new AdminError(400, "requests from web pages of other origins are refused");
}

async function answer(table: readonly Route[], request: HttpRequest): Promise<HttpAnswer> {
	for (const route of table) {
		const names = match(route.path, request.path);
		if (!names) continue;
		const action = route.methods[request.method];
		if (!action) {
			const allowed = Object.keys(route.methods).join(", ");
			const sentence = `${request.method} does nothing here: there is ${allowed}`;
			return { status: 405, body: problem(sentence), headers: { Allow: allowed } };
		}
		const result = await action(names, readBody(request.body));
		return result === undefined ? { status: 204, body: "" } : { status: 200, body: JSON.stringify(result) };
	}
	const paths = table.map((route) => route.path).join(" ");
	return { status: 404, body: problem(`there is nothing at ${request.path}; there is ${paths}`) };
}

/** @returns what stands in place of each `:` */
function match(pattern: string, path: string): string[] | undefined {
	const wanted = pattern.split("/");
	const given = path.split("/");
	if (wanted.length !== given.length) return undefined;
	if (!wanted.every((part, index) => part === ":" || part === given[index])) return undefined;
	try {
		return given.filter((_, index) => wanted[index] === ":").map(decodeURIComponent);
	} catch {
		throw new AdminError(400, `${path} is not a well-formed path`);
	}
}

function readBody(bytes: Buffer): Body {
	if (bytes.length === 0) return {};
	try {
		const body: unknown = parseJson(bytes.toString("utf8"));
		if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
	} catch {
		// Said below.
	}
	throw new AdminError(400, "the body must be a JSON object");
}

function productChange(body: Body): ProductChange {
	only(body, ["secret", "auth", "authority", "registration", "limit", "instanceId"]);
	const { secret, auth, authority, registration, limit, instanceId } = body;
	if (limit !== undefined && !isCount(limit))
		throw new AdminError(400, '"limit" must be a whole number of devices, 0 to 200000');
	return {
		...(secret === undefined ? {} : { secret: string("secret", secret) }),
		// Which there are of these two is the platform's to say, and the administration's to ask.
		...(auth === undefined ? {} : { auth: string("auth", auth) as Auth }),
		...(registration === undefined ? {} : { registration: string("registration", registration) as RegistrationMode }),
		...(authority === undefined ? {} : { authority: string("authority", authority) }),
		...(limit === undefined ? {} : { limit }),
		...(instanceId === undefined ? {} : { instanceId: string("instanceId", instanceId) }),
	};
}

function isCount(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 200_000;
}

/** A device's secret, under the name that its platform gives it. */
function secret(administration: Administration, platform: string, body: Body): string | undefined {
	const { secretName } = administration.platform(platform).rules;
	only(body, [secretName]);
	const value = body[secretName];
	return value === undefined ? undefined : string(secretName, value);
}

function message(body: Body): { readonly payload: string; readonly topic: string | undefined } {
	only(body, ["topic", "payload"]);
	const { topic, payload } = body;
	if (payload === undefined)
		throw new AdminError(400, 'the body needs a "payload": a string, or JSON that is sent as text');
	return {
		payload: typeof payload === "string" ? payload : JSON.stringify(payload),
		topic: topic === undefined ? undefined : string("topic", topic),
	};
}

/** What they may be is the administration's to check. */
function certificate(body: Body): [kind: CertificateKind, at?: TlsPort] {
	only(body, ["kind", "at"]);
	const { kind, at } = body;
	return [
		string("kind", kind) as CertificateKind,
		...(at === undefined ? ([] as const) : ([string("at", at) as TlsPort] as const)),
	];
}

function time(body: Body): Partial<Time> {
	only(body, ["offset", "silent"]);
	const { offset, silent } = body;
	return {
		...(offset === undefined ? {} : { offset: number("offset", offset) }),
		...(silent === undefined ? {} : { silent: boolean("silent", silent) }),
	};
}

/** The rules in `{"rules":[…]}`. What they may be is the administration's to check. @throws AdminError 400 */
export function faultRules(body: Body): readonly FaultRule[] {
	only(body, ["rules"]);
	const { rules } = body;
	if (!Array.isArray(rules)) throw new AdminError(400, 'the body needs "rules", a list; DELETE ends all faults');
	return rules;
}

/** Seconds. */
function absence(body: Body): number {
	only(body, ["seconds"]);
	return body.seconds === undefined ? 0 : number("seconds", body.seconds);
}

function only(body: Body, keys: readonly string[]): void {
	for (const key of Object.keys(body))
		if (!keys.includes(key)) throw new AdminError(400, `"${key}" is not known here: there is ${keys.join(", ")}`);
}

function boolean(key: string, value: unknown): boolean {
	if (typeof value === "boolean") return value;
	throw new AdminError(400, `"${key}" must be true or false`);
}

function number(key: string, value: unknown): number {
	if (typeof value === "number") return value;
	throw new AdminError(400, `"${key}" must be a number`);
}

function string(key: string, value: unknown): string {
	if (typeof value === "string") return value;
	throw new AdminError(400, `"${key}" must be a string`);
}
