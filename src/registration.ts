import { Failure } from "dynreg/errors";
import { failure } from "dynreg/trouble";
import type { Exchange, MqttExchange } from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Host } from "../modules/contracts/host.js";
import { connect } from "./connect.js";

/** Milliseconds until the HTTP answer must be there, or the broker must have accepted the connection. */
const deadline = 20_000;
/** Milliseconds from then until the answer that is pushed must be there. It comes at once; after 15 s Alibaba Cloud hangs up. */
const pushDeadline = 10_000;

/**
 * Asks the platform for a credential. Each question has a connection of its own, which is closed
 * when this settles: an answer that comes later reaches nobody (invariant 5).
 *
 * @throws Failure in phase `register`
 */
export function perform(host: Host, exchange: Exchange): Promise<Credential> {
	const credential =
		"request" in exchange
			? host.http.request(exchange.request, deadline).then((reply) => exchange.accept(reply))
			: awaitPush(host, exchange);
	return credential.catch((error) => {
		throw Failure.from(error).during("register");
	});
}

async function awaitPush(host: Host, exchange: MqttExchange): Promise<Credential> {
	let settle: { resolve(credential: Credential): void; reject(error: unknown): void };
	const pushed = new Promise<Credential>((resolve, reject) => {
		settle = { resolve, reject };
	});
	const events = {
		message(topic: string, payload: Uint8Array) {
			try {
				const credential = exchange.accept(topic, payload);
				if (credential !== undefined) settle.resolve(credential);
			} catch (error) {
				settle.reject(error);
			}
		},
		closed: (reason: Failure) => settle.reject(reason),
	};
	const connection = await connect(host, exchange, events, deadline);
	try {
		const late = host.timers.sleep(pushDeadline).then(() => {
			throw failure("register", exchange.connect.endpoint, "timeout");
		});
		return await Promise.race([pushed, late]);
	} finally {
		connection.close();
	}
}
