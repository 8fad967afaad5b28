import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host, MqttConnection } from "dynreg/contracts/host";
import { connectionLost } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { decode, encode } from "./frame.js";
import type { Calls, Jobs, Notice, Outcome, PlainFailure, Request } from "./protocol.js";

/** Responds to a request of the firmware in the engine. */
export type Ports = (request: Uint8Array) => Uint8Array;

/**
 * The parent's side of the bridge.
 *
 * @param host the ports that execute the requests
 * @param notify sends the engine an event, which it receives when idle
 */
export function createPorts(host: Host, configuration: RawConfiguration, notify: (notice: Uint8Array) => void): Ports {
	const { crypto, storage, clock, network } = host;
	const connections = new Map<number, MqttConnection>();
	/** Have the connection deliver its next message. */
	const takers = new Map<number, () => void>();
	/** Discard the connection that was opened ahead last. Earlier ones are closed by then. */
	let openings = 0;
	let discard: (() => void) | undefined;
	/** Cancel a timer. */
	const timers = new Map<number, () => void>();

	const calls: Calls = {
		configuration: () => configuration,
		log: (event) => host.log(event),
		hmac: (hash, key, message) => crypto.hmac(hash, key, message),
		digest: (hash, message) => crypto.digest(hash, message),
		decrypt: (key, iv, data) => crypto.decrypt(key, iv, data),
		utf8: (text) => crypto.utf8(text),
		text: (bytes) => crypto.text(bytes),
		hex: (bytes) => crypto.hex(bytes),
		base64: (bytes) => crypto.base64(bytes),
		fromBase64: (text) => crypto.fromBase64(text),
		fromPem: (text) => crypto.fromPem(text),
		random: (count) => host.random(count),
		maxValueBytes: () => storage.maxValueBytes,
		get: (key) => storage.get(key),
		set: (key, value) => storage.set(key, value),
		delete: (key) => storage.delete(key),
		now: () => clock.now(),
		setClock: (now) => clock.set(now),
		ticks: () => clock.ticks(),
		mac: () => network.mac(),
		open(endpoint, deadline) {
			discard = host.mqtt.open?.(endpoint, deadline);
			return ++openings;
		},
		discard(opening) {
			if (opening === openings) discard?.();
		},
		taken: (number) => takers.get(number)?.(),
		close(number) {
			takers.delete(number);
			connections.get(number)?.close();
			connections.delete(number);
		},
		cancelTimer(number) {
			timers.get(number)?.();
			timers.delete(number);
		},
	};

	const jobs = (number: number): Jobs => ({
		http: (request, deadline) => host.http.request(request, deadline),
		async mqtt({ password, certificate, ...rest }, deadline) {
			const options = {
				...rest,
				...(password !== undefined && { password: new Secret(password) }),
				...(certificate && { certificate: { ...certificate, secret: new Secret(certificate.secret) } }),
			};
			const events = {
				message(topic: string, payload: Uint8Array) {
					send({ connection: number, topic, payload });
					return new Promise<void>((resolve) => takers.set(number, resolve));
				},
				closed(failure: Failure) {
					connections.delete(number);
					send({ connection: number, closed: plain(failure) });
				},
				refused: (failure: Failure) => send({ connection: number, refused: plain(failure) }),
			};
			connections.set(number, await host.mqtt.connect(options, events, deadline));
		},
		publish: async (connection, topic, payload, options) =>
			requireConnection(connection).publish(topic, payload, options),
		subscribe: async (connection, filter, options) => requireConnection(connection).subscribe(filter, options),
		unsubscribe: async (connection, filter) => requireConnection(connection).unsubscribe(filter),
		sync: (deadline, force) => clock.sync(deadline, force),
		up: (deadline) => network.up(deadline),
		timer: (duration) =>
			new Promise((resolve) => {
				const fired = () => {
					timers.delete(number);
					resolve();
				};
				timers.set(number, host.timers.after(duration, fired));
			}),
	});

	function requireConnection(number: number): MqttConnection {
		const connection = connections.get(number);
		if (connection === undefined) throw connectionLost();
		return connection;
	}

	function send(notice: Notice): void {
		notify(encode(notice));
	}

	function startJob({ name, args, job: number = 0 }: Request): void {
		const job = jobs(number)[name as keyof Jobs] as (...args: readonly unknown[]) => Promise<unknown>;
		job(...args).then(
			(value) => send({ settled: number, outcome: { value } }),
			(error: unknown) => send({ settled: number, outcome: outcomeOf(error) }),
		);
	}

	function respond({ name, args }: Request): Outcome {
		const call = calls[name as keyof Calls] as (...args: readonly unknown[]) => unknown;
		try {
			return { value: call(...args) };
		} catch (error) {
			return outcomeOf(error);
		}
	}

	return (frame) => {
		const request = decode(frame) as Request;
		if (request.job === undefined) return encode(respond(request));
		startJob(request);
		return encode({});
	};
}

function outcomeOf(error: unknown): Outcome {
	return error instanceof Failure ? { failure: plain(error) } : { error: String(error) };
}

function plain(failure: Failure): PlainFailure {
	// `cause` and `message` are not enumerable.
	const { name: _name, message: _message, stack: _stack, cause, ...plain } = failure;
	return cause === undefined ? plain : { ...plain, cause: String(cause) };
}
