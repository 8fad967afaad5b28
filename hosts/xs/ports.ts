import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host, MqttConnection } from "dynreg/contracts/host";
import { gone } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { decode, encode } from "./frame.js";
import type { Calls, Jobs, Notice, Outcome, PlainFailure, Request } from "./protocol.js";

/** Answers a request of the firmware in the engine. */
export type Ports = (request: Uint8Array) => Uint8Array;

/**
 * The parent's side of the bridge.
 *
 * @param host the ports that do the work
 * @param notify tells the engine something, unasked; it is told once it is idle
 */
export function createPorts(host: Host, configuration: RawConfiguration, notify: (notice: Uint8Array) => void): Ports {
	const { crypto, storage, clock, network } = host;
	const connections = new Map<number, MqttConnection>();

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
		publish: (number, topic, payload) => live(number).publish(topic, payload),
		subscribe: (number, topic) => live(number).subscribe(topic),
		close(number) {
			connections.get(number)?.close();
			connections.delete(number);
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
				message: (topic: string, payload: Uint8Array) => tell({ connection: number, topic, payload }),
				closed(failure: Failure) {
					connections.delete(number);
					tell({ connection: number, closed: plain(failure) });
				},
			};
			connections.set(number, await host.mqtt.connect(options, events, deadline));
		},
		sync: (deadline, doubted) => clock.sync(deadline, doubted),
		up: (deadline) => network.up(deadline),
		sleep: (duration) => host.timers.sleep(duration),
	});

	function live(number: number): MqttConnection {
		const connection = connections.get(number);
		if (connection === undefined) throw gone();
		return connection;
	}

	function tell(notice: Notice): void {
		notify(encode(notice));
	}

	function start({ name, given, job: number = 0 }: Request): void {
		const job = jobs(number)[name as keyof Jobs] as (...given: readonly unknown[]) => Promise<unknown>;
		job(...given).then(
			(value) => tell({ settled: number, outcome: { value } }),
			(error: unknown) => tell({ settled: number, outcome: outcomeOf(error) }),
		);
	}

	function answer({ name, given }: Request): Outcome {
		const call = calls[name as keyof Calls] as (...given: readonly unknown[]) => unknown;
		try {
			return { value: call(...given) };
		} catch (error) {
			return outcomeOf(error);
		}
	}

	return (frame) => {
		const request = decode(frame) as Request;
		if (request.job === undefined) return encode(answer(request));
		start(request);
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
