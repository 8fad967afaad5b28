import type { TLSSocket } from "node:tls";
import type {
	Clock,
	Endpoint,
	Milliseconds,
	Mqtt,
	MqttConnection,
	MqttConnectOptions,
	MqttEvents,
} from "dynreg/contracts/host";
import { connectionError } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import { Connection } from "./mqtt-connection.js";
import { Opening } from "./mqtt-opening.js";
import { refusesCertificate, toFailure } from "./node-errors.js";
import { realTime, type TimeSource } from "./time-source.js";
import { TlsSessions } from "./tls-sessions.js";

const phase = "connect";

/**
 * @param power aborted when the power is cut: connections are destroyed, and no promise settles any more
 * @param certs folders of private trust anchors
 * @param clock for certificate dates
 * @param time of deadlines and keep-alive
 * @param sessions of the board
 */
export function createMqtt(
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time = realTime,
	sessions = new TlsSessions(clock),
): Mqtt {
	const opening = ({ endpoint, certificate }: Pick<MqttConnectOptions, "endpoint" | "certificate">) =>
		new Opening(endpoint, certificate, certs, clock, sessions);
	/** What was opened ahead and is not taken. */
	let ahead: { readonly opening: Opening; readonly release: () => void; readonly close: () => void } | undefined;

	const open = (endpoint: Endpoint, deadline: Milliseconds): (() => void) => {
		ahead?.close();
		if (power.aborted) return () => {};
		const opened = opening({ endpoint });
		const close = () => {
			if (ahead?.opening !== opened) return;
			release();
			opened.socket.destroy();
		};
		const cancel = time.after(deadline, close);
		const release = () => {
			ahead = undefined;
			cancel();
			power.removeEventListener("abort", close);
		};
		power.addEventListener("abort", close);
		opened.socket.once("close", close);
		ahead = { opening: opened, release, close };
		return close;
	};

	const take = ({ endpoint, certificate }: MqttConnectOptions): Opening | undefined => {
		const taken = certificate ? undefined : ahead;
		if (!taken?.opening.isTo(endpoint)) {
			ahead?.close();
			return undefined;
		}
		taken.release();
		return taken.opening;
	};

	const connect: Mqtt["connect"] = async (options, events, deadline) => {
		if (power.aborted) return new Promise(() => {});
		const taken = take(options);
		const wasOpen = taken?.isOpen;
		try {
			return await converse(taken ?? opening(options), options, events, deadline, power, time);
		} catch (error) {
			// The broker may have closed it in this very moment.
			if (!wasOpen || (error as Failure).code !== "connection-lost") throw error;
			return converse(opening(options), options, events, deadline, power, time);
		}
	};

	return {
		connect,
		open(endpoint, deadline) {
			try {
				return open(endpoint, deadline);
			} catch {
				// Without trust anchors, and so will `connect` be, which says so.
				return () => {};
			}
		},
	};
}

/** Sends the CONNECT as soon as the connection is open. */
async function converse(
	{ socket, authorities, session, ready }: Opening,
	options: MqttConnectOptions,
	events: MqttEvents,
	deadline: Milliseconds,
	power: AbortSignal,
	time: TimeSource,
): Promise<MqttConnection> {
	const { endpoint, certificate } = options;
	const connection = new Connection(socket, events, options, time);
	let cancel = () => {};
	// `keylog` fires just after our Certificate message is sent; only the timing is used, never the key material.
	let certificateSent = false;
	if (certificate)
		socket.once("keylog", () => {
			certificateSent = true;
		});
	const onPowerOff = () => {
		cancel();
		connection.destroy();
	};
	power.addEventListener("abort", onPowerOff);
	socket.once("close", () => power.removeEventListener("abort", onPowerOff));

	try {
		await new Promise<void>((resolve, reject) => {
			cancel = time.after(deadline, () => reject(connectionError(phase, endpoint, "timeout")));
			socket.on("error", reject);
			socket.once("close", () => reject(connectionError(phase, endpoint, "connection-lost")));
			ready.then(() => connection.connect(resolve, reject)).catch(reject);
		});
		session?.accept(socket as TLSSocket)();
		connection.startDelivery();
		return connection;
	} catch (error) {
		socket.destroy();
		if (power.aborted) return await new Promise(() => {});
		if (certificateSent && refusesCertificate(error))
			throw connectionError(phase, endpoint, "credential-refused", error);
		const failure = toFailure(error, phase, endpoint, authorities?.missing);
		if (failure.code === "tls-failed") session?.drop();
		throw failure;
	} finally {
		cancel();
	}
}
