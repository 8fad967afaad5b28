/** What the cases need to talk to the MQTT broker, `conformance/peers/broker.ts`. */

import type { Code, Phase } from "dynreg/contracts/error";
import type { Endpoint, Host, MqttConnectOptions, MqttEvents } from "dynreg/contracts/host";
import type { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import type { Servers } from "./case.js";
import { expectEqual, sleep } from "./expect.js";

export const deadline = 5000;

/** Collects a connection's events. */
export class Inbox implements MqttEvents {
	readonly topics: string[] = [];
	readonly failures: string[] = [];
	readonly refusals: (string | undefined)[] = [];
	readonly #payloads: Uint8Array[] = [];
	readonly #host: Host;

	constructor(host: Host) {
		this.#host = host;
	}

	message(topic: string, payload: Uint8Array): void {
		this.topics.push(topic);
		this.#payloads.push(payload);
	}

	refused({ value }: Failure): void {
		this.refusals.push(value);
	}

	closed(failure: { phase: Phase; code: Code }): void {
		this.failures.push(`${failure.phase} ${failure.code}`);
	}

	bytes(index: number): Uint8Array {
		return this.#payloads[index] ?? new Uint8Array(0);
	}

	text(index: number): string {
		return this.#host.crypto.text(this.bytes(index));
	}

	async arrives(count: number): Promise<void> {
		await this.#until(() => this.topics.length >= count || this.failures.length > 0);
		expectEqual(this.topics.length, count, `messages (${this.failures.join(", ") || "still connected"})`);
	}

	async closes(): Promise<void> {
		await this.#until(() => this.failures.length > 0);
		expectEqual(this.failures.join(" "), "session connection-lost", "closed");
	}

	async #until(condition: () => boolean): Promise<void> {
		const end = this.#host.clock.ticks() + deadline;
		while (!condition() && this.#host.clock.ticks() < end) await sleep(this.#host.timers, 20);
	}
}

export function broker(servers: Servers): Endpoint {
	return { secure: false, host: servers.name, port: servers.mqtt, trust: [] };
}

export function identity(servers: Servers): MqttConnectOptions {
	return {
		endpoint: broker(servers),
		clientId: "P0001device",
		username: "P0001device;12010126;abcde;1700000000",
		password: new Secret("pass word"),
		keepAlive: 60,
	};
}

export async function connected(host: Host, servers: Servers, change: Partial<MqttConnectOptions> = {}) {
	const inbox = new Inbox(host);
	const connection = await host.mqtt.connect({ ...identity(servers), ...change }, inbox, deadline);
	return { connection, inbox };
}
