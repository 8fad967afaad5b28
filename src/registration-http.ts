import type { HttpExchange } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Host } from "../modules/contracts/host.js";

/**
 * Registers over HTTP. Each request has its own connection, which is closed when the promise settles, so that a late response
 * is ignored (invariant 5). The request is not kept in memory meanwhile.
 *
 * @throws Failure
 */
export const register = (host: Host, { request, accept }: HttpExchange): Promise<Credential> =>
	host.http.request(request, 20_000).then((response) => {
		const outcome = accept(response);
		return "kind" in outcome ? outcome : registerLater(host, outcome);
	});

const registerLater = (host: Host, exchange: HttpExchange): Promise<Credential> =>
	new Promise<void>((resolve) => {
		host.timers.after(exchange.pause ?? 0, resolve);
	}).then(() => register(host, exchange));
