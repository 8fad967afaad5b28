import { corrupt } from "../faults/corrupt.js";
import { defaultLocation, type FaultName } from "../faults/fault-kinds.js";
import { type Faults, type TriggeredFault, withFault } from "../faults/faults.js";
import type { Platform, PlatformContext, RegistrationEndpoint } from "../platforms/platform.js";
import type { Journal, Transport } from "../server/journal.js";
import { errorBody, type HttpRequest, type HttpResponse, type SendFault } from "./request-listener.js";

export interface RegistrationHandlerOptions {
	readonly platforms: readonly Platform[];
	readonly context: () => PlatformContext;
	readonly faults: Faults;
	readonly journal: Journal;
}

interface Route {
	readonly platform: Platform;
	readonly endpoint: RegistrationEndpoint;
}

/** Serves the registration endpoints of all platforms on one port, and records the requests. */
export class RegistrationHandler {
	readonly #options: RegistrationHandlerOptions;
	readonly #transport: Transport;
	readonly #routes: ReadonlyMap<string, Route>;

	constructor(options: RegistrationHandlerOptions, transport: Transport) {
		this.#options = options;
		this.#transport = transport;
		this.#routes = new Map(
			options.platforms.flatMap((platform) =>
				Object.entries(platform.endpoints).map(([path, endpoint]) => [path, { platform, endpoint }] as const),
			),
		);
	}

	async respond(request: HttpRequest): Promise<HttpResponse> {
		const route = this.#route(request.path);
		if (!route) {
			const paths = [...this.#routes.keys()].join(", ");
			return this.#refuse(404, `There is nothing at ${request.path}. The registration paths are ${paths}.`);
		}
		const { method = "POST" } = route.endpoint;
		if (request.method !== method)
			return this.#refuse(405, `The registration request is a ${request.method}. Expected a ${method}.`, {
				Allow: method,
			});
		return this.#syntheticResponse(request, route) ?? this.#register(request, route);
	}

	#route(path: string): Route | undefined {
		const exact = this.#routes.get(path);
		if (exact) return exact;
		const levels = path.split("/");
		for (const [pattern, route] of this.#routes) {
			const wanted = pattern.split("/");
			const fits = (level: string, index: number) => (level.startsWith("{") ? levels[index] : levels[index] === level);
			if (wanted.length === levels.length && wanted.every(fits)) return route;
		}
		return undefined;
	}

	/** Applies a fault that stands in for the platform, if there is one. */
	#syntheticResponse(request: HttpRequest, { endpoint }: Route): HttpResponse | undefined {
		const { faults, journal } = this.#options;
		const { operation } = endpoint;
		const fault = faults.match(operation, "request", () => endpoint.names(request).device);
		if (!fault) return undefined;
		const response = syntheticResponse(fault);
		const outcome = {
			verdict: "refused",
			reason: `${fault.reason} The registration was not carried out.`,
			code: response.status,
		} as const;
		journal.record({ transport: this.#transport, operation, ...endpoint.names(request), ...outcome });
		return response;
	}

	async #register(request: HttpRequest, { platform, endpoint }: Route): Promise<HttpResponse> {
		const { context, faults, journal } = this.#options;
		const { operation } = endpoint;
		const { body, outcome, status = 200, retryAfter } = await endpoint.respond(request, context());
		const fault =
			outcome.verdict === "accepted" ? faults.match(operation, "response", () => outcome.device) : undefined;
		const reason = withFault(outcome.reason, fault);
		journal.record({ transport: this.#transport, operation, ...outcome, reason });
		const headers: Record<string, string> = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
		if (!fault) return { status, body, headers };
		const secret = context().products.find(platform.name, outcome.product ?? "")?.secret ?? "";
		return { status, headers, body: corrupt(fault, body, platform, secret), ...sendingFault(fault) };
	}

	#refuse(status: number, reason: string, headers: Record<string, string> = {}): HttpResponse {
		this.#options.journal.record({
			transport: this.#transport,
			operation: "http",
			verdict: "refused",
			reason,
			code: status,
		});
		return { status, body: errorBody(reason), headers };
	}
}

/** The response of a proxy or portal between board and platform, or of the platform's load balancer. */
function syntheticResponse({
	fault,
	status = 503,
	retryAfter,
	location = defaultLocation,
}: TriggeredFault): HttpResponse {
	if (fault === "redirect")
		return { status: 302, body: errorBody("The resource is elsewhere."), headers: { Location: location } };
	if (fault === "portal")
		return {
			status: 200,
			body: "<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Room number</form></body></html>",
			headers: { "Content-Type": "text/html; charset=utf-8" },
		};
	const headers: Record<string, string> = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
	return { status, body: errorBody("This response is a configured fault."), headers };
}

const sendFaults: Partial<Record<FaultName, SendFault>> = {
	drop: "drop",
	silence: "silence",
	reset: "reset",
	duplicate: "twice",
};

function sendingFault({ fault, seconds }: TriggeredFault): Pick<HttpResponse, "delay" | "sendFault"> {
	const sendFault = sendFaults[fault];
	return { ...(sendFault && { sendFault }), ...(fault === "delay" && { delay: (seconds ?? 0) * 1000 }) };
}
