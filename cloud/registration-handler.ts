import { type Faults, type Strike, withFault } from "./faults/faults.js";
import { type FaultName, LOCATION } from "./faults/kinds.js";
import { spoil } from "./faults/spoil.js";
import { type HttpAnswer, type HttpRequest, problem, type Sending } from "./http-listener.js";
import type { Journal, Transport } from "./journal.js";
import type { Context, Platform } from "./platform.js";

/** Answers the registration endpoints of all platforms, and writes down what came of it. */
export function registrationHandler(
	platforms: readonly Platform[],
	context: () => Context,
	faults: Faults,
	journal: Journal,
	transport: Transport,
): (request: HttpRequest) => Promise<HttpAnswer> {
	const endpoints = new Map(
		platforms.flatMap((platform) =>
			Object.entries(platform.endpoints).map(([path, endpoint]) => [path, { platform, endpoint }] as const),
		),
	);
	const paths = [...endpoints.keys()].join(", ");

	return async (request) => {
		const found = endpoints.get(request.path);
		if (!found) return refuse(404, `there is nothing at ${request.path}: registration is at ${paths}`);
		if (request.method !== "POST")
			return refuse(405, `registration is a POST, what came is a ${request.method}`, { Allow: "POST" });
		const { platform, endpoint } = found;
		const { operation } = endpoint;
		const instead = faults.strike(operation, "request", () => endpoint.names(request).device);
		if (instead) {
			const answer = inPlace(instead);
			const { status: code } = answer;
			const entry = { verdict: "refused", reason: `${instead.reason}; nothing was carried out`, code } as const;
			journal.record({ transport, operation, ...endpoint.names(request), ...entry });
			return answer;
		}
		const { products } = context();
		const { body, outcome } = await endpoint.answer(request, context());
		const strike =
			outcome.verdict === "accepted" ? faults.strike(operation, "answer", () => outcome.device) : undefined;
		journal.record({ transport, operation, ...outcome, reason: withFault(outcome.reason, strike) });
		if (!strike) return { status: 200, body };
		const secret = products.find(platform.name, outcome.product ?? "")?.secret ?? "";
		return { status: 200, body: spoil(strike, body, platform, secret), ...sending(strike) };
	};

	function refuse(status: number, reason: string, headers: Record<string, string> = {}): HttpAnswer {
		journal.record({ transport, operation: "http", verdict: "refused", reason, code: status });
		return { status, body: problem(reason), headers };
	}
}

/** What somebody between the board and the platform says, or the platform's own front door. */
function inPlace({ fault, status = 503, retryAfter, location = LOCATION }: Strike): HttpAnswer {
	if (fault === "redirect") return { status: 302, body: problem("it is elsewhere"), headers: { Location: location } };
	if (fault === "portal")
		return {
			status: 200,
			body: "<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Room number</form></body></html>",
			headers: { "Content-Type": "text/html; charset=utf-8" },
		};
	const headers: Record<string, string> = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
	return { status, body: problem("this is a fault that was asked for"), headers };
}

const ways: Partial<Record<FaultName, Sending>> = {
	drop: "drop",
	silence: "silence",
	reset: "reset",
	duplicate: "twice",
};

function sending({ fault, seconds }: Strike): Pick<HttpAnswer, "delay" | "sending"> {
	const way = ways[fault];
	return { ...(way && { sending: way }), ...(fault === "delay" && { delay: (seconds ?? 0) * 1000 }) };
}
