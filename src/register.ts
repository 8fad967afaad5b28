import { failure } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import type { Exchange, MqttExchange } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Host } from "../modules/contracts/host.js";
import { connect } from "./session.js";

/**
 * Asks the platform for a credential. Each question has a connection of its own, which is closed
 * when this settles: an answer that comes later reaches nobody (invariant 5).
 *
 * @throws Failure in phase `register`
 */
export const perform = (host: Host, exchange: Exchange): Promise<Credential> => {
	const credential =
		"request" in exchange
			? host.http.request(exchange.request, 20_000).then((reply) => exchange.accept(reply))
			: awaitPush(host, exchange);
	return credential.catch((error) => {
		throw Failure.from(error).during("register");
	});
};

async function awaitPush(host: Host, exchange: MqttExchange): Promise<Credential> {
	const { endpoint } = exchange.connect;
	let give: (credential: Credential) => void;
	let fail: (error: unknown) => void;
	const pushed = new Promise<Credential>((resolve, reject) => {
		give = resolve;
		fail = reject;
	});
	const events = {
		message(topic: string, payload: Uint8Array) {
			try {
				const credential = exchange.accept(topic, payload);
				if (credential !== undefined) give(credential);
			} catch (error) {
				fail(error);
			}
		},
		closed: (reason: Failure) => fail(reason),
	};
	const connection = await connect(host, exchange, events, 20_000);
	// It is pushed at once; after 15 s Alibaba Cloud hangs up.
	host.timers.sleep(10_000).then(() => fail(failure("register", endpoint, "timeout")));
	try {
		return await pushed;
	} finally {
		connection.close();
	}
}
