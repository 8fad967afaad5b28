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

/** The SDK's classic MQTT client. */
export const mqttOver = (clock: Clock): Mqtt => new Connector(clock);

/** A class: a preloaded method stays in flash; the code of a function that is made later takes memory. */
class Connector implements Mqtt {
	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	connect(options: MqttConnect, events: MqttEvents, deadline: Milliseconds): Promise<MqttConnection> {
		const { clock } = this;
		const { endpoint, certificate } = options;
		const end = clock.ticks() + deadline;
		// One promise, which nothing else waits for: each that is under way takes memory during the handshake.
		return new Promise((resolve, reject) => {
			const own = certificate && endpoint.secure ? { own: ownCertificate(certificate) } : {};
			reach(endpoint, "connect", clock, deadline)
				.then((target) => {
					new Connection(options, events, { ...target, ...own }, resolve, reject).start(end - clock.ticks());
				})
				.catch(reject);
		});
	}
}

// The parser's states: those of a packet's contents begin with the first byte of its type (MQTT 3.1.1, section 2.2.1).
// 0x20 CONNACK, 0x30 PUBLISH, 0x31 PUBLISH with one byte of the topic's length, 0x36 PUBLISH whose payload is next.

/** With what the SDK's client leaves open when a broker, or somebody in its place, sends what it should not. */
class Connection extends Client<Link, Target> implements MqttConnection {
	private readonly endpoint: Endpoint;
	private readonly events: MqttEvents;
	private readonly unknown: readonly string[];
	private readonly link: Link | undefined;
	/** Tell whoever waits for the CONNACK that it is there, or why it is not; undefined from then on. */
	private resolve?: (connection: MqttConnection) => void;
	private reject?: (reason: Failure) => void;
	private timer?: Timer;
	private isOpen = true;
	/** What came before the caller could know of the connection. */
	private early: (() => void)[] | undefined = [];
	private greeted = false;
	/** Bytes of the current packet that are still to come, once its fixed header is there. */
	private missing = 0;

	constructor(
		options: MqttConnect,
		events: MqttEvents,
		target: Target,
		resolve: (connection: MqttConnection) => void,
		reject: (reason: Failure) => void,
	) {
		const { endpoint, clientId, username, password, keepAlive } = options;
		super({
			host: endpoint.host,
			port: endpoint.port,
			id: clientId,
			user: username,
			...(password && { password: password.reveal() }),
			timeout: keepAlive * 1000,
			Socket: Link,
			secure: target,
		});
		this.endpoint = endpoint;
		this.events = events;
		this.unknown = target.missing;
		this.resolve = resolve;
		this.reject = reject;
		this.link = this.ws;
	}

	start(deadline: Milliseconds): void {
		this.timer = Timer.set(() => this.giveUp(failure("connect", this.endpoint, "timeout")), Math.max(deadline, 0));
	}

	override publish(topic: string, payload: Bytes | ArrayBuffer): void {
		this.send(() => super.publish(topic, payload instanceof Uint8Array ? payload.slice().buffer : payload));
	}

	override subscribe(topic: string): void {
		this.send(() => super.subscribe(topic));
	}

	override close(immediate?: boolean): void {
		this.isOpen = false;
		super.close(immediate);
	}

	private send(work: () => void): void {
		if (!this.isOpen || !this.ws) throw gone();
		try {
			work();
		} catch {
			this.link?.fail("connection-lost");
			throw gone();
		}
	}

	/** No connection comes of it. */
	private giveUp(reason: Failure): void {
		const { reject } = this;
		this.settle();
		this.close();
		reject?.(reason);
	}

	private settle(): void {
		delete this.resolve;
		delete this.reject;
		if (this.timer) Timer.clear(this.timer);
		delete this.timer;
	}

	/** Events flow once whoever awaits `connect` has been resumed, which is in the next round but one of promise jobs. */
	override async onReady(): Promise<void> {
		this.resolve?.(this);
		this.settle();
		await undefined;
		await undefined;
		const { early = [] } = this;
		this.early = undefined;
		for (let i = 0; i < early.length; i++) this.tell(early[i] as (typeof early)[number]);
	}

	override onMessage(topic: string, payload: ArrayBuffer): void {
		this.tell(() => this.events.message(topic, new Uint8Array(payload)));
	}

	/** Instead of the SDK's trace. */
	override fail(text = ""): void {
		super.close(true);
		if (this.reject) this.giveUp(this.refusal(text));
		else this.tell(() => this.lost());
	}

	private lost(): void {
		this.isOpen = false;
		const trouble = this.link?.trouble === "answer-too-large" ? "answer-too-large" : "connection-lost";
		this.events.closed(failure("session", this.endpoint, trouble, this.link?.cause));
	}

	/** What the broker, or the way to it, had against this connection. */
	private refusal(text: string): Failure {
		const { endpoint, link } = this;
		const words = text.split("server rejected mqtt request with code ");
		return words.length > 1
			? refusedConnack(endpoint, Number(words[1]))
			: failure("connect", endpoint, link?.trouble ?? "bad-answer", link?.cause, this.unknown);
	}

	private tell(event: () => void): void {
		if (this.early) this.early.push(event);
		else if (this.isOpen) event();
	}

	/**
	 * Hands the SDK single bytes until it knows a packet's length, and a topic's, and then no more than that packet:
	 * it would take memory for whatever length is announced.
	 */
	override received(buffer: ArrayBuffer): void {
		for (let start = 0; start < buffer.byteLength && this.ws; ) {
			const { state } = this.parse;
			const atLength = state === 0x30 || state === 0x31;
			const length = atLength ? 1 : this.missing || 1;
			const rest = buffer.byteLength - start;
			const end = start + (length < rest ? length : rest);
			if (state === 0x31 && !this.hasRoom(new Uint8Array(buffer, start, 1)[0] as number)) return;
			super.received(buffer.slice(start, end));
			if (this.missing) {
				this.missing -= end - start;
				if (this.missing === 0) this.complete();
			} else if (this.parse.state > 4) this.begin();
			start = end;
		}
	}

	/** Whether the packet is as long as its topic, whose length's other byte is here already. */
	private hasRoom(byte: number): boolean {
		const { topic, length = 0 } = this.parse;
		if ((Number(topic) | byte) + 2 <= length) return true;
		this.ws?.fail("bad-answer");
		return false;
	}

	/** The fixed header is there. */
	private begin(): void {
		const { state, length = 0 } = this.parse;
		if (!this.greeted && state !== 0x20) this.fail("no CONNACK");
		else if (length > maxPacketBytes) this.ws?.fail("answer-too-large");
		this.greeted = true;
		this.missing = length;
	}

	/**
	 * The packet's bytes have all been handed over. The SDK would hold a message without payload back until the
	 * next packet comes, and go on into the next one where the packet's own lengths do not add up.
	 */
	private complete(): void {
		const { state, topic } = this.parse;
		if (state === 0) return;
		if (state !== 0x36 || topic === undefined) {
			this.ws?.fail("bad-answer");
			return;
		}
		this.parse = { state: 0 };
		this.dispatch({ code: 0x30, topic, payload: new ArrayBuffer(0) });
	}
}
