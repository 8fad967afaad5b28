import { type Faults, withDelay } from "./faults.js";
import { type HttpAnswer, type HttpRequest, problem } from "./http-listener.js";
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
	const endpoints = new Map(platforms.flatMap((platform) => Object.entries(platform.endpoints)));
	const paths = [...endpoints.keys()].join(", ");

	return async (request) => {
		const endpoint = endpoints.get(request.path);
		if (!endpoint) return refuse(404, `there is nothing at ${request.path}: registration is at ${paths}`);
		if (request.method !== "POST")
			return refuse(405, `registration is a POST, what came is a ${request.method}`, { Allow: "POST" });
		const { body, outcome } = await endpoint.answer(request, context());
		const { operation } = endpoint;
		const seconds = outcome.verdict === "accepted" ? faults.delay(operation, outcome.device ?? "") : 0;
		journal.record({ transport, operation, ...outcome, reason: withDelay(outcome.reason, seconds) });
		return { status: 200, body, ...(seconds > 0 && { delay: seconds * 1000 }) };
	};

	function refuse(status: number, reason: string, headers: Record<string, string> = {}): HttpAnswer {
		journal.record({ transport, operation: "http", verdict: "refused", reason, code: status });
		return { status, body: problem(reason), headers };
	}
}
