import {
	badMessage,
	type ConnectionErrorCode,
	connectionError,
	connectionLost,
	queueFull,
	refusedConnack,
	subscribeRefused,
} from "dynreg/core/connection-errors";
import { maxOperations, maxPacketBytes } from "dynreg/platform/limits";
import Client from "mqtt";
import Timer from "timer";
import type { Phase } from "../../../modules/contracts/error.js";
import type {
	Bytes,
	Clock,
	Endpoint,
	Milliseconds,
	Mqtt,
	MqttConnection,
	MqttConnectOptions,
	MqttEvents,
	PublishOptions,
	SubscribeOptions,
} from "../../../modules/contracts/host.js";
import type { Failure } from "../../../modules/core/errors.js";
import { clientCertificate } from "../tls/client-certificate.js";
import type { TlsSessions } from "../tls/handshake.js";
import { type ResolvedEndpoint, resolveEndpoint } from "./endpoint.js";
import { SecureStream } from "./secure-stream.js";

/** The SDK's classic MQTT client. */
export const createMqtt = (clock: Clock): Connector => new Connector(clock);

/** A class, since preloaded methods stay in flash; functions created at run time take memory. */
class Connector implements Mqtt {
	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	connect(options: MqttConnectOptions, events: MqttEvents, deadline: Milliseconds): Promise<MqttConnection> {
		const opening = resolveEndpoint(options.endpoint, "connect", this.clock, deadline);
		return this.connectTo(opening, options, events, deadline);
	}

	/** @param opening the broker, perhaps with a connection that was opened ahead */
	connectTo(
		opening: Promise<BrokerEndpoint>,
		options: MqttConnectOptions,
		events: MqttEvents,
		deadline: Milliseconds,
	): Promise<MqttConnection> {
		const { clock } = this;
		const { endpoint, certificate } = options;
		const end = clock.ticks() + deadline;
		// A single promise, since each pending one takes memory during the handshake.
		return new Promise((resolve, reject) => {
			opening
				.then((target) => {
					const identity = certificate && endpoint.secure ? { clientCertificate: clientCertificate(certificate) } : {};
					new Connection(options, events, { ...target, ...identity }, resolve, reject).start(end - clock.ticks());
				})
				.catch(reject);
		});
	}
}

export interface BrokerEndpoint extends ResolvedEndpoint {
	/** Default: `SecureStream`. */
	readonly Socket?: typeof SecureStream;
}

/**
 * What waits for its acknowledgement, or for the network. It takes the memory of a promise only once the caller waits:
 * promises are large, and so is a handler for each failure that is ignored.
 */
class Operation {
	/** The first byte of the acknowledgement; 0: the network takes all that has been written. */
	readonly code: number;
	/** Packet identifier. */
	readonly id: number;
	/** Topic or filter. */
	readonly topic: string;
	private waiting?: (() => void)[];
	private isDone?: boolean;
	private value?: unknown;
	private failure?: unknown;

	constructor(code: number, id: number, topic: string) {
		this.code = code;
		this.id = id;
		this.topic = topic;
	}

	settle(value: unknown, failure?: unknown): this {
		if (this.isDone) return this;
		this.isDone = true;
		this.value = value;
		this.failure = failure;
		this.waiting?.forEach((finish) => {
			finish();
		});
		return this;
	}

	private await(finish: () => void): void {
		if (this.isDone) finish();
		else if (this.waiting) this.waiting.push(finish);
		else this.waiting = [finish];
	}

	// biome-ignore lint/suspicious/noThenProperty: it stands for a promise
	then(onFulfilled?: (value: unknown) => unknown, onRejected?: (failure: unknown) => unknown): Promise<unknown> {
		return new Promise((resolve) => {
			this.await(() => {
				const { failure } = this;
				resolve((failure ? Promise.reject(failure) : Promise.resolve(this.value)).then(onFulfilled, onRejected));
			});
		});
	}

	catch(onRejected: (failure: unknown) => unknown): Promise<unknown> {
		return this.then(undefined, onRejected);
	}

	async finally(onSettled: () => void): Promise<unknown> {
		try {
			return await this;
		} finally {
			onSettled();
		}
	}
}

const failed = (failure: Failure): Promise<never> & Operation =>
	new Operation(0, 0, "").settle(undefined, failure) as never;

// The first byte of a packet (MQTT 3.1.1, section 2.2): 0x20 CONNACK, 0x30 PUBLISH, 0x40 PUBACK, 0x50 PUBREC, 0x62 PUBREL,
// 0x70 PUBCOMP, 0x90 SUBACK, 0xb0 UNSUBACK, 0xd0 PINGRESP. Those of QoS 2 are of no operation here.

/**
 * The SDK's client writes CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE and DISCONNECT and keeps the connection alive. This
 * class reads the packets, since the SDK's parser drops acknowledgements and allocates memory for any announced length.
 */
class Connection extends Client<SecureStream, ResolvedEndpoint> implements MqttConnection {
	private readonly endpoint: Endpoint;
	private readonly events: MqttEvents;
	private readonly missing: readonly string[];
	private readonly stream: SecureStream;
	/** Settle the caller's promise at the CONNACK or a failure; undefined afterwards. */
	private resolve?: (connection: MqttConnection) => void;
	private reject?: (reason: Failure) => void;
	private timer?: Timer;
	private isOpen = true;
	/** The caller knows of the connection; what has become of it before is told then. */
	private isReady?: boolean;
	private isLost?: boolean;
	/** A packet has been handed over: what is behind it waits in `rest`, and in the network. */
	private isPaused?: boolean;
	/**
	 * The packet identifier of the message that has been handed over, for the PUBACK. 0: none; -1: a PUBACK has been written,
	 * and nothing is read until the network has taken it, lest a broker that only writes fills the memory.
	 */
	private unacknowledged?: number;
	/** Bytes that have not been parsed: those from `position` on. */
	private rest: ArrayBuffer | undefined;
	private position?: number;
	private operations: Operation[] = [];
	/** Resolves when the network has taken all that has been written. One for all messages. */
	private sending: Promise<never> | undefined;
	/** What is refused: until there is room again, or for good once the connection is over. */
	private refused: (Promise<never> & Operation) | undefined;

	constructor(
		options: MqttConnectOptions,
		events: MqttEvents,
		target: BrokerEndpoint,
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
			Socket: target.Socket ?? SecureStream,
			secure: target,
		});
		this.endpoint = endpoint;
		this.events = events;
		this.missing = target.missing;
		this.resolve = resolve;
		this.reject = reject;
		this.stream = this.ws as SecureStream;
	}

	start(deadline: Milliseconds): void {
		this.timer = Timer.set(
			() => this.abort(connectionError("connect", this.endpoint, "timeout")),
			Math.max(deadline, 0),
		);
	}

	override publish(topic: string, payload: Bytes, options?: PublishOptions): Promise<void> {
		const qos = options?.qos;
		return this.send(qos ? 0x40 : 0, topic, qos, payload, options?.duplicate);
	}

	override subscribe(filter: string, options?: SubscribeOptions): Promise<0 | 1> {
		return this.send(0x90, filter, options?.qos);
	}

	override unsubscribe(filter: string): Promise<void> {
		return this.send(0xb0, filter);
	}

	/** @param code of the acknowledgement */
	private send(code: number, topic: string, qos = 0, payload: Bytes = "", duplicate = false): Promise<never> {
		const { stream, operations } = this;
		if (!this.ws) return this.refused as Promise<never>;
		let data: ArrayBuffer | undefined;
		let number = topic.length + payload.length + 2 + 2 * qos;
		if (number <= maxPacketBytes) {
			data = payload instanceof Uint8Array ? payload.slice().buffer : ArrayBuffer.fromString(payload);
			number += data.byteLength - payload.length;
		}
		if (number > maxPacketBytes) return failed(badMessage("too-large", { bytes: number }));
		// Makes room, if the network has some.
		if (stream.pending && stream.pending.byteLength > maxPacketBytes) stream.flush();
		if ((stream.pending?.byteLength ?? 0) > maxPacketBytes || operations.length >= maxOperations) {
			this.refused ??= new Operation(0, 0, "") as never;
			return this.refused as Promise<never>;
		}
		// The SDK increments it for each packet.
		do this.packet = (this.packet % 65535) + 1;
		while (this.operationOf(this.packet));
		this.packet--;
		if (code === 0x90) {
			super.subscribe(topic);
			// The SDK's last byte is QoS 0.
			const written = new Uint8Array(stream.pending as ArrayBuffer);
			written[written.length - 1] = qos;
		} else if (code === 0xb0) super.unsubscribe(topic);
		else super.publish(topic, data, { quality: qos, duplicate: duplicate && qos > 0 });
		if (!code && this.sending) return this.sending;
		const operation = new Operation(code, code && this.packet, topic) as unknown as Promise<never> & Operation;
		operations.push(operation);
		if (!code) this.sending = operation;
		return operation;
	}

	private operationOf(id: number): Operation | undefined {
		const { operations } = this;
		for (let i = 0; i < operations.length; i++) if (operations[i]?.id === id) return operations[i];
		return undefined;
	}

	/** @param value the return code of a SUBACK */
	private acknowledge(code: number, id: number, value?: number): void {
		const operation = this.operationOf(id);
		if (operation?.code === code) {
			this.operations.splice(this.operations.indexOf(operation), 1);
			const failure = value === 128 ? subscribeRefused(operation.topic) : undefined;
			operation.settle(value, failure);
			if (failure) this.events.refused?.(failure);
		}
		this.refused?.settle(undefined, queueFull());
		this.refused = undefined;
	}

	/** The network has taken all that has been written. */
	onSent(): void {
		this.sending = undefined;
		this.acknowledge(0, 0);
		if (this.unacknowledged === -1) this.resume();
	}

	override close(immediate?: boolean): void {
		this.isOpen = false;
		super.close(immediate);
		this.end();
	}

	private end(): void {
		const { operations } = this;
		const failure = connectionLost();
		this.refused?.settle(undefined, queueFull());
		this.refused = failed(failure);
		this.operations = [];
		for (let i = 0; i < operations.length; i++) operations[i]?.settle(undefined, failure);
	}

	/** Fails the connection attempt. */
	private abort(reason: Failure): void {
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

	/** Delivers buffered events only after the caller's `await connect()` has resumed, two microtasks later. */
	override async onReady(): Promise<void> {
		this.stream.owner = this;
		(globalThis as TlsSessions).dynregTlsSession = this.stream.session;
		this.resolve?.(this);
		this.settle();
		await undefined;
		await undefined;
		this.isReady = true;
		if (this.isLost) this.onLost();
		this.resume();
	}

	override async onMessage(topic: string, payload: ArrayBuffer): Promise<void> {
		try {
			await this.events.message(topic, new Uint8Array(payload));
		} finally {
			const id = this.unacknowledged;
			if (id) {
				this.ws?.write(Uint8Array.of(0x40, 2, id >> 8, id).buffer);
				this.unacknowledged = -1;
			} else this.resume();
		}
	}

	/** Its timer calls `onReady` or `onMessage`: one packet at a time, with the promise jobs of one done before the next. */
	override dispatch(packet: { readonly code: number; readonly topic?: string; readonly payload?: ArrayBuffer }): void {
		this.isPaused = true;
		this.stream.pause(true);
		super.dispatch(packet);
	}

	private resume(): void {
		this.isPaused = false;
		this.unacknowledged = 0;
		this.parsePackets();
		if (!this.isPaused) this.stream.pause(false);
	}

	/** Instead of the SDK's trace. */
	override fail(): void {
		// A CONNACK that came with the end of the connection still counts; closing forgets it.
		const isAccepted = this.state === 2;
		super.close(true);
		this.end();
		if (this.isReady) this.onLost();
		else if (!this.reject) this.isLost = true;
		else if (isAccepted) {
			this.isLost = true;
			this.onReady();
		} else this.abort(this.failure("connect", "bad-answer"));
	}

	private onLost(): void {
		if (!this.isOpen) return;
		this.isOpen = false;
		this.events.closed(this.failure("session", "connection-lost"));
	}

	/** @param otherwise the code of a failure that the SDK reports */
	private failure(phase: Phase, otherwise: ConnectionErrorCode): Failure {
		const { endpoint, stream } = this;
		return connectionError(phase, endpoint, stream.errorCode ?? otherwise, stream.cause, this.missing, stream.alert);
	}

	override received(buffer: ArrayBuffer): void {
		const { rest } = this;
		this.rest = rest?.slice(this.position).concat(buffer) ?? buffer;
		this.position = 0;
		this.parsePackets();
	}

	private parsePackets(): void {
		while (!this.isPaused && this.rest && this.ws) {
			const bytes = new Uint8Array(this.rest, this.position);
			const header = bytes[0] as number;
			// The first packet is the CONNACK, and no other.
			let isValid = (header === 0x20) === (this.state === 1);
			let length = 0;
			let start = 1;
			for (let byte = 128; isValid && byte > 127; start++) {
				if (start >= bytes.length) return;
				byte = bytes[start] as number;
				length |= (byte & 127) << (7 * (start - 1));
				isValid = start < 4 || byte < 128;
			}
			const end = start + length;
			const isTooLarge = isValid && length > maxPacketBytes;
			if (isValid && !isTooLarge && end > bytes.length) return;
			if (end === bytes.length) this.rest = undefined;
			else this.position = (this.position ?? 0) + end;
			let cause: unknown;
			try {
				isValid &&= !isTooLarge && this.onPacket(header, bytes.subarray(start, end));
			} catch (error) {
				cause = error;
				isValid = false;
			}
			if (!isValid) this.ws?.fail(isTooLarge ? "answer-too-large" : "bad-answer", cause);
		}
	}

	/** @returns whether the packet is well-formed and one that a broker sends */
	private onPacket(header: number, body: Uint8Array): boolean {
		const { length } = body;
		const number = uint16(body, 0);
		const code = body[2] as number;
		if (header >> 4 === 3) {
			const qos = (header >> 1) & 3;
			const end = 2 + number;
			const start = end + 2 * qos;
			const id = qos && uint16(body, end);
			if (qos > 1 || number === 0 || start > length || (qos && id === 0)) return false;
			this.unacknowledged = id;
			const topic = String.fromArrayBuffer(body.slice(2, end).buffer);
			this.dispatch({ code: 0x30, topic, payload: body.slice(start).buffer });
		} else if (header === 0xd0 && length === 0) super.received(Uint8Array.of(header, 0).buffer);
		else if (header === 0x90 && length === 3 && (code < 2 || code === 128)) this.acknowledge(header, number, code);
		else if (length !== 2) return false;
		else if (header !== 0x20) {
			if (header !== 0x40 && header !== 0x50 && header !== 0x62 && header !== 0x70 && header !== 0xb0) return false;
			this.acknowledge(header, number);
		} else if (body[1]) this.abort(refusedConnack(this.endpoint, body[1]));
		else this.dispatch({ code: header });
		return true;
	}
}

const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
