import type { Socket } from "node:net";
import type {
	Bytes,
	MqttConnection,
	MqttConnectOptions,
	MqttEvents,
	PublishOptions,
	SubscribeOptions,
} from "dynreg/contracts/host";
import {
	badMessage,
	connectionError,
	connectionLost,
	ignorable,
	queueFull,
	refusedConnack,
	rejected,
	subscribeRefused,
} from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import {
	checkLength,
	connectPacket,
	disconnectPacket,
	type Packet,
	PacketError,
	PacketReader,
	packetTypes,
	pingreqPacket,
	pubackPacket,
	publishPacket,
	readPublish,
	subscribePacket,
	unsubscribePacket,
} from "./mqtt-packets.js";
import type { TimeSource } from "./time-source.js";

/** Maximum bytes of a packet in either direction, as on an ESP32. */
const maxPacketBytes = 16_384;
/** Packets that wait for their acknowledgement. */
const maxOutstanding = 16;
/** Bytes that wait behind these, or for room in the network; each packet counts for some more. */
const maxQueuedBytes = 256 * 1024;
const packetOverhead = 64;
/** Milliseconds for sending the last packets after `close`. */
const closeTimeout = 1000;

type AckType = typeof packetTypes.puback | typeof packetTypes.suback | typeof packetTypes.unsuback;

/** A PUBLISH, SUBSCRIBE or UNSUBSCRIBE whose caller waits. */
interface Operation {
	/** Undefined for a message with QoS 0. */
	readonly ack: AckType | undefined;
	readonly bytes: number;
	/** @param id 0 for a message with QoS 0 */
	packet(id: number): Buffer;
	/** @param code of a SUBACK */
	done(code: number): void;
	failed(failure: Failure): void;
}

/** MQTT 3.1.1 over an open socket. */
export class Connection implements MqttConnection {
	readonly #socket: Socket;
	readonly #events: MqttEvents;
	readonly #options: MqttConnectOptions;
	readonly #time: TimeSource;
	readonly #reader = new PacketReader(maxPacketBytes);
	/** Not yet sent, in order. */
	readonly #queue: Operation[] = [];
	#queuedBytes = 0;
	/** For all that the queue has no room for; rejects when there is some. */
	#refused: Promise<never> | undefined;
	#retry = (): void => {};
	/** Sent and not yet acknowledged, by packet id. */
	readonly #outstanding = new Map<number, Operation>();
	#lastId = 0;
	/** Ended by either side, or by the power. */
	#isOver = false;
	/** The caller knows of the connection. */
	#isReady = false;
	/** A message has been delivered and is not yet taken, or the caller does not know of the connection yet. */
	#isBusy = false;
	/** The socket is, and `#failure` is known. */
	#isClosed = false;
	#failure: Failure | undefined;
	#pingSent = false;
	#cancelPing = (): void => {};

	constructor(socket: Socket, events: MqttEvents, options: MqttConnectOptions, time: TimeSource) {
		this.#socket = socket;
		this.#events = events;
		this.#options = options;
		this.#time = time;
	}

	/** Sends the CONNECT and waits for the CONNACK. */
	connect(accepted: () => void, refused: (error: Failure) => void): void {
		const { endpoint } = this.#options;
		const socket = this.#socket;
		let connackSeen = false;
		const readConnack = (packet: Packet): void => {
			const { type, body } = packet;
			if (type !== packetTypes.connack) throw new PacketError("bad-answer", `packet type ${type} before the CONNACK`);
			checkLength(packet);
			connackSeen = true;
			const code = body.readUInt8(1);
			// What follows waits until the caller has the connection.
			this.#setBusy(true);
			if (code > 0) refused(refusedConnack(endpoint, code));
			else {
				this.#ping();
				accepted();
			}
		};
		const read = (): void => {
			try {
				while (!this.#isBusy && !this.#isOver) {
					const packet = this.#reader.next();
					if (packet === undefined) return;
					if (connackSeen) this.#receive(packet);
					else readConnack(packet);
				}
			} catch (error) {
				if (!(error instanceof PacketError)) throw error;
				this.#failure = connectionError("session", endpoint, error.code, error);
				if (!connackSeen) refused(connectionError("connect", endpoint, error.code, error));
				socket.destroy();
			}
		};
		this.#read = read;
		socket.setNoDelay(true);
		socket.on("data", (bytes: Buffer) => {
			this.#reader.push(bytes);
			read();
		});
		socket.on("drain", () => this.#flush());
		socket.once("close", () => {
			this.#cancelPing();
			this.#failure ??= connectionError("session", endpoint, "connection-lost");
			this.#isClosed = true;
			if (this.#isReady) this.#onLost();
		});
		socket.write(connectPacket(this.#options));
	}

	#read = (): void => {};

	/** Delivers events only after the caller's `await connect()` has resumed. */
	startDelivery(): void {
		setImmediate(() => {
			this.#isReady = true;
			this.#setBusy(false);
			this.#read();
			if (this.#isClosed) this.#onLost();
		});
	}

	publish(topic: string, payload: Bytes, { qos = 0, duplicate = false }: PublishOptions = {}): Promise<void> {
		// Copied: the caller may change it once this has returned.
		const bytes = Buffer.from(payload);
		const size = 2 + Buffer.byteLength(topic) + 2 * qos + bytes.length;
		if (size > maxPacketBytes) return rejected(badMessage("too-large", { bytes: size }));
		return this.#submit<void>(size, qos === 0 ? undefined : packetTypes.puback, (resolve) => ({
			packet: (id) => publishPacket(topic, bytes, qos === 0 ? undefined : id, duplicate),
			done: () => resolve(),
		}));
	}

	subscribe(filter: string, { qos = 0 }: SubscribeOptions = {}): Promise<0 | 1> {
		return this.#submit<0 | 1>(filter.length, packetTypes.suback, (resolve, reject) => ({
			packet: (id) => subscribePacket(id, filter, qos),
			done: (code) => {
				if (code !== 128) return resolve(code === 1 ? 1 : 0);
				const failure = subscribeRefused(filter);
				reject(failure);
				this.#events.refused?.(failure);
			},
		}));
	}

	unsubscribe(filter: string): Promise<void> {
		return this.#submit<void>(filter.length, packetTypes.unsuback, (resolve) => ({
			packet: (id) => unsubscribePacket(id, filter),
			done: () => resolve(),
		}));
	}

	close(): void {
		const socket = this.#socket;
		if (this.#isOver) return;
		this.#end();
		if (socket.destroyed) return;
		socket.once("finish", () => socket.destroy());
		const timer = setTimeout(() => socket.destroy(), closeTimeout).unref();
		socket.once("close", () => clearTimeout(timer));
		socket.end(disconnectPacket);
	}

	/** The power is cut: no events any more, and no promise settles. */
	destroy(): void {
		this.#isOver = true;
		this.#cancelPing();
		this.#socket.destroy();
	}

	#submit<T>(
		bytes: number,
		ack: AckType | undefined,
		operation: (resolve: (value: T) => void, reject: (failure: Failure) => void) => Pick<Operation, "packet" | "done">,
	): Promise<T> {
		if (this.#isOver || this.#socket.destroyed) return rejected(connectionLost());
		const cost = bytes + packetOverhead;
		if (this.#queuedBytes + cost > maxQueuedBytes) return this.#refuse();
		this.#queuedBytes += cost;
		const promise = new Promise<T>((resolve, reject) => {
			this.#queue.push({ ack, bytes: cost, failed: reject, ...operation(resolve, reject) });
		});
		this.#flush();
		return ignorable(promise);
	}

	#refuse(): Promise<never> {
		this.#refused ??= ignorable(
			new Promise((_, reject) => {
				this.#retry = () => {
					this.#refused = undefined;
					reject(queueFull());
				};
			}),
		);
		return this.#refused;
	}

	/** Sends what there is room for. */
	#flush(): void {
		const outstanding = this.#outstanding;
		while (!this.#isOver && !this.#socket.writableNeedDrain) {
			const [next] = this.#queue;
			if (next === undefined || (next.ack !== undefined && outstanding.size === maxOutstanding)) return;
			this.#queue.shift();
			this.#queuedBytes -= next.bytes;
			this.#retry();
			const id = next.ack === undefined ? 0 : this.#nextId();
			if (next.ack !== undefined) outstanding.set(id, next);
			this.#socket.write(next.packet(id));
			if (next.ack === undefined) next.done(0);
		}
	}

	/** From 1 to 65,535, and unique among those outstanding. */
	#nextId(): number {
		do this.#lastId = (this.#lastId % 65_535) + 1;
		while (this.#outstanding.has(this.#lastId));
		return this.#lastId;
	}

	/** @throws PacketError */
	#receive(packet: Packet): void {
		const { type } = packet;
		if (type === packetTypes.connack) throw new PacketError("bad-answer", "second CONNACK");
		if (type === packetTypes.publish) this.#deliver(packet);
		else {
			checkLength(packet);
			if (type === packetTypes.pingresp) this.#pingSent = false;
			else this.#acknowledged(packet);
		}
	}

	/** Acknowledgements that no operation waits for are ignored. */
	#acknowledged({ type, body }: Packet): void {
		const code = type === packetTypes.suback ? body.readUInt8(2) : 0;
		if (code > 1 && code !== 128) throw new PacketError("bad-answer", `SUBACK with return code ${code}`);
		const id = body.readUInt16BE(0);
		const operation = this.#outstanding.get(id);
		if (operation?.ack !== type) return;
		this.#outstanding.delete(id);
		operation.done(code);
		this.#flush();
	}

	#deliver(packet: Packet): void {
		const { topic, payload, id } = readPublish(packet);
		const taken = this.#events.message(topic, payload);
		const acknowledge = (): void => {
			if (id !== undefined && !this.#isOver) this.#socket.write(pubackPacket(id));
		};
		if (taken === undefined) {
			acknowledge();
			return;
		}
		this.#setBusy(true);
		taken
			.then(acknowledge, () => {})
			.then(() => {
				this.#setBusy(false);
				this.#read();
			});
	}

	#setBusy(isBusy: boolean): void {
		this.#isBusy = isBusy;
		if (isBusy) this.#socket.pause();
		else this.#socket.resume();
	}

	#ping(): void {
		const { keepAlive } = this.#options;
		if (keepAlive === 0) return;
		this.#cancelPing = this.#time.after(keepAlive * 1000, () => {
			// While nothing is read, no response can be seen.
			if (this.#pingSent && !this.#isBusy) {
				this.#socket.destroy();
				return;
			}
			this.#pingSent = true;
			this.#socket.write(pingreqPacket);
			this.#ping();
		});
	}

	#onLost(): void {
		if (this.#isOver) return;
		this.#end();
		this.#events.closed(this.#failure as Failure);
	}

	#end(): void {
		this.#isOver = true;
		this.#cancelPing();
		const waiting = [...this.#outstanding.values(), ...this.#queue];
		this.#outstanding.clear();
		this.#queue.length = 0;
		for (const { failed } of waiting) failed(connectionLost());
		this.#retry();
	}
}
