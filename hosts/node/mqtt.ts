import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure, type TLSSocket } from "node:tls";
import type { Clock, Milliseconds, Mqtt, MqttConnection, MqttConnectOptions, MqttEvents } from "dynreg/contracts/host";
import { connectionError } from "dynreg/core/connection-errors";
import { loadAuthorities } from "./authorities.js";
import { clientCertificateOptions } from "./client-certificate.js";
import { Connection } from "./mqtt-connection.js";
import { refusesCertificate, toFailure } from "./node-errors.js";
import { realTime, type TimeSource } from "./time-source.js";
import { tlsOptions, verifyServer } from "./tls.js";
import { TlsSessions, type TlsSessionUse } from "./tls-sessions.js";

const phase = "connect";

/**
 * @param power aborted when the power is cut: connections are destroyed, and no promise settles any more
 * @param certs folders of private trust anchors
 * @param clock for certificate dates
 * @param time of deadlines and keep-alive
 */
export function createMqtt(
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time = realTime,
): Mqtt {
	const sessions = new TlsSessions(clock);
	return {
		connect: (options, events, deadline) => connect(options, events, deadline, power, certs, clock, time, sessions),
	};
}

async function connect(
	options: MqttConnectOptions,
	events: MqttEvents,
	deadline: Milliseconds,
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time: TimeSource,
	sessions: TlsSessions,
): Promise<MqttConnection> {
	if (power.aborted) return new Promise(() => {});
	const { endpoint, certificate } = options;
	const authorities = endpoint.secure ? loadAuthorities(endpoint, phase, certs) : undefined;
	const session = authorities && sessions.begin(endpoint, authorities, certificate);
	const socket = open(options, session);
	session?.watch(socket as TLSSocket);
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
			socket.once(endpoint.secure ? "secureConnect" : "connect", () => {
				// Who has a session's keys has been verified with its full handshake.
				if (authorities && session && !(socket as TLSSocket).isSessionReused()) {
					const { problem, until } = verifyServer(socket as TLSSocket, endpoint, authorities, clock);
					if (problem) return reject(connectionError(phase, endpoint, problem, undefined, authorities.missing));
					session.trust(until);
				}
				connection.connect(resolve, reject);
			});
		});
		session?.accept(socket as TLSSocket);
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

function open({ endpoint, certificate }: MqttConnectOptions, session: TlsSessionUse | undefined): Socket {
	if (!endpoint.secure) return connectPlain({ host: endpoint.host, port: endpoint.port });
	const identity = certificate && clientCertificateOptions(certificate);
	return connectSecure({ ...tlsOptions(endpoint), ...session?.options, ...identity });
}
