import { failure, gone, refusedConnack } from "dynreg/core/connection-errors";
import { maxPacketBytes } from "dynreg/platform/limits";
import Client from "mqtt";
import Timer from "timer";
import type {
	Bytes,
	Clock,
	Endpoint,
	Milliseconds,
	Mqtt,
	MqttConnect,
	MqttConnection,
	MqttEvents,
} from "../../../modules/contracts/host.js";
import type { Failure } from "../../../modules/core/errors.js";
import { ownCertificate } from "../tls/client-certificate.js";
import { reach, type Target } from "./endpoint.js";
import { Link } from "./secure-stream.js";

const phase = "connect";

/** The SDK's classic MQTT client. */
export class SdkMqtt implements Mqtt {
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	async connect(options: MqttConnect, events: MqttEvents, deadline: Milliseconds): Promise<MqttConnection> {
		const { endpoint, certificate } = options;
		const end = this.#clock.ticks() + deadline;
		const own = certificate && endpoint.secure ? { own: ownCertificate(certificate) } : {};
		const target = await reach(endpoint, phase, this.#clock, deadline);
		// Not awaited: this function's frame would stay in memory during the handshake.
		return open(options, events, { ...target, ...own }, end - this.#clock.ticks());
	}
}

function open(
	options: MqttConnect,
	events: MqttEvents,
	target: Target,
	deadline: Milliseconds,
): Promise<MqttConnection> {
	return new Promise((resolve, reject) => {
		const connection = new Connection(options, events, target, (reason) => {
			Timer.clear(timer);
			if (reason) reject(reason);
			else resolve(connection);
		});
		const timer = Timer.set(() => connection.late(), Math.max(deadline, 0));
	});
}

class Connection implements MqttConnection, Listener {
	readonly #endpoint: Endpoint;
	readonly #events: MqttEvents;
	readonly #client: BoundedClient;
	readonly #link: Link | undefined;
	readonly #missing: readonly string[];
	/** Tells whoever waits for the CONNACK that it is there, or why it is not; undefined from then on. */
	#settle: ((reason?: Failure) => void) | undefined;
	#open = true;
	/** What came before the caller could know of the connection. */
	#early: (() => void)[] | undefined = [];

	constructor(options: MqttConnect, events: MqttEvents, target: Target, settle: (reason?: Failure) => void) {
		this.#endpoint = options.endpoint;
		this.#events = events;
		this.#missing = target.missing;
		this.#client = new BoundedClient(options, target, this);
		this.#link = this.#client.ws;
		this.#settle = settle;
	}

	publish(topic: string, payload: Bytes): void {
		const bytes = typeof payload === "string" ? ArrayBuffer.fromString(payload) : payload.slice().buffer;
		this.#send(() => this.#client.publish(topic, bytes));
	}

	subscribe(topic: string): void {
		this.#send(() => this.#client.subscribe(topic));
	}

	close(): void {
		this.#open = false;
		this.#client.close();
	}

	#send(work: () => void): void {
		if (!this.#open || !this.#client.ws) throw gone();
		try {
			work();
		} catch {
			this.#link?.fail("lost");
			throw gone();
		}
	}

	/** The CONNACK has not come in time. */
	late(): void {
		this.#giveUp(failure(phase, this.#endpoint, "timeout"));
	}

	/** Events flow once whoever awaits `connect` has been resumed, which is in the next round but one of promise jobs. */
	async ready(): Promise<void> {
		this.#settle?.();
		this.#settle = undefined;
		await undefined;
		await undefined;
		const early = this.#early ?? [];
		this.#early = undefined;
		for (const event of early) this.#tell(event);
	}

	message(topic: string, payload: ArrayBuffer): void {
		this.#tell(() => this.#events.message(topic, new Uint8Array(payload)));
	}

	failed(text: string): void {
		if (this.#settle) this.#giveUp(this.#refusal(text));
		else this.#tell(() => this.#lost());
	}

	#giveUp(reason: Failure): void {
		const settle = this.#settle;
		this.#settle = undefined;
		this.close();
		settle?.(reason);
	}

	#lost(): void {
		const trouble = this.#link?.trouble === "tooLarge" ? "tooLarge" : "lost";
		this.#open = false;
		this.#events.closed(failure("session", this.#endpoint, trouble, this.#link?.cause));
	}

	/** What the broker, or the way to it, had against this connection. */
	#refusal(text: string): Failure {
		const endpoint = this.#endpoint;
		const code = /^server rejected mqtt request with code (\d+)$/.exec(text)?.[1];
		if (code === undefined)
			return failure(phase, endpoint, this.#link?.trouble ?? "garbage", this.#link?.cause, this.#missing);
		return refusedConnack(endpoint, Number(code));
	}

	#tell(event: () => void): void {
		if (this.#early) this.#early.push(event);
		else if (this.#open) event();
	}
}

/** MQTT 3.1.1, section 2.2.1, as they stand in the first byte of a packet. */
const packet = Object.freeze({ connack: 0x20, publish: 0x30 });
/** The state of a PUBLISH with one byte of the topic's length. */
const atTopicLength = 0x31;
/** The state of a PUBLISH whose payload is next. */
const atPayload = 0x36;

interface Listener {
	/** The CONNACK has come. */
	ready(): void;
	message(topic: string, payload: ArrayBuffer): void;
	/** The connection is gone. */
	failed(text: string): void;
}

/** What the SDK's client leaves open when a broker, or somebody in its place, sends what it should not. */
class BoundedClient extends Client<Link, Target> {
	readonly #listener: Listener;
	#greeted = false;
	/** Bytes of the current packet that are still to come, once its fixed header is there. */
	#missing = 0;

	constructor(options: MqttConnect, target: Target, listener: Listener) {
		const { endpoint, clientId, username, password, keepAlive } = options;
		super({
			host: endpoint.host,
			port: endpoint.port,
			id: clientId,
			user: username,
			...(password === undefined ? {} : { password: password.reveal() }),
			timeout: keepAlive * 1000,
			Socket: Link,
			secure: target,
		});
		this.#listener = listener;
	}

	override onReady(): void {
		this.#listener.ready();
	}

	override onMessage(topic: string, payload: ArrayBuffer): void {
		this.#listener.message(topic, payload);
	}

	/**
	 * Hands the SDK single bytes until it knows a packet's length, and a topic's, and then no more than that packet:
	 * it would take memory for whatever length is announced.
	 */
	override received(buffer: ArrayBuffer): void {
		for (let start = 0; start < buffer.byteLength && this.ws; ) {
			const { state } = this.parse;
			const atLength = state === packet.publish || state === atTopicLength;
			const end = start + Math.min(atLength ? 1 : this.#missing || 1, buffer.byteLength - start);
			if (state === atTopicLength && !this.#hasRoom(new Uint8Array(buffer, start, 1))) return;
			super.received(buffer.slice(start, end));
			if (this.#missing) {
				this.#missing -= end - start;
				if (this.#missing === 0) this.#complete();
			} else if (this.parse.state > 4) this.#begin();
			start = end;
		}
	}

	/** Whether the packet is as long as its topic, whose length's other byte is here already. */
	#hasRoom([byte = 0]: Uint8Array): boolean {
		const { topic, length = 0 } = this.parse;
		if ((Number(topic) | byte) + 2 <= length) return true;
		this.ws?.fail("garbage");
		return false;
	}

	/** The fixed header is there. */
	#begin(): void {
		const { state, length = 0 } = this.parse;
		if (!this.#greeted && state !== packet.connack) this.fail("no CONNACK");
		else if (length > maxPacketBytes) this.ws?.fail("tooLarge");
		this.#greeted = true;
		this.#missing = length;
	}

	/**
	 * The packet's bytes have all been handed over. The SDK would hold a message without payload back until the
	 * next packet comes, and go on into the next one where the packet's own lengths do not add up.
	 */
	#complete(): void {
		const { state, topic } = this.parse;
		if (state === 0) return;
		if (state !== atPayload || topic === undefined) {
			this.ws?.fail("garbage");
			return;
		}
		this.parse = { state: 0 };
		this.dispatch({ code: packet.publish, topic, payload: new ArrayBuffer(0) });
	}

	/** Instead of the SDK's trace. */
	override fail(text = ""): void {
		this.close(true);
		this.#listener.failed(text);
	}
}
