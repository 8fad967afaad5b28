import { badMessage, connectionLost, rejected } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { parseJson } from "dynreg/core/json";
import type { CloudDevice, MqttPlan, SessionPlan, TimeService } from "../modules/contracts/cloud.js";
import type { BoardEvent } from "../modules/contracts/event.js";
import type {
	Bytes,
	Clock,
	Crypto,
	Host,
	Milliseconds,
	MqttConnection,
	MqttEvents,
	PublishOptions,
	SubscribeOptions,
} from "../modules/contracts/host.js";
import type { Identity, Message, Session } from "../modules/contracts/session.js";

/**
 * Opens a session. Responses of the platform's time service set the clock and do not reach the application.
 *
 * @throws Failure in phase `connect`
 */
export const openSession = (host: Host, plan: SessionPlan, device: CloudDevice): Promise<LiveSession> => {
	const session = new LiveSession(host, plan, device);
	return connect(host, plan, session, 30_000, (connection) => session.attach(connection));
};

type Receiver = (message: Message | undefined) => void;

class ReceivedMessage implements Message {
	readonly topic: string;
	readonly payload: Uint8Array;
	private readonly crypto: Crypto;

	constructor(topic: string, payload: Uint8Array, crypto: Crypto) {
		this.topic = topic;
		this.payload = payload;
		this.crypto = crypto;
	}

	text(maxBytes?: number): string {
		const { payload } = this;
		let end = maxBytes ?? payload.length;
		// 10xxxxxx: not the first byte of a character (RFC 3629, section 3).
		while (((payload[end] ?? 0) & 0xc0) === 0x80) end--;
		return this.crypto.text(payload.subarray(0, end));
	}

	json(): unknown {
		return parseJson(this.text());
	}
}

/** A session with the methods that only boot uses. */
export class LiveSession implements Session, MqttEvents {
	readonly topics: Session["topics"];
	/** Resolves when the session is over; undefined if it was closed on this side. */
	readonly finished: Promise<Failure | undefined>;

	private readonly host: Host;
	private readonly device: CloudDevice;
	private readonly time: TimeService | undefined;
	private readonly lifetime: Milliseconds | undefined;
	/** Undefined before and after the session. */
	private connection: MqttConnection | undefined;
	ended = false;
	private closing = false;
	private finish!: (failure: Failure | undefined) => void;
	private messages: Message[] = [];
	/** Pending calls of `receive` and `next`, oldest first. */
	private receivers: Receiver[] = [];
	/** Has the host deliver more. */
	private resume: (() => void) | undefined;
	/** Intervals that a full queue is waited for; 0: the application does not receive, and the oldest give way. */
	private patience = 2;
	/** Cancels the timer of `watch`. */
	private unwatch: (() => void) | undefined;
	private dropped = 0;
	private requestedAt = 0;

	constructor(host: Host, { control, event, time, lifetime }: SessionPlan, device: CloudDevice) {
		this.device = device;
		this.topics = { control, event };
		this.finished = new Promise((resolve) => {
			this.finish = resolve;
		});
		this.host = host;
		this.time = time;
		this.lifetime = lifetime;
	}

	/** Not a field, since it is needed rarely. */
	get identity(): Identity {
		const { identity, product, name } = this.device;
		return { cloud: identity.slice(0, identity.indexOf("/")), product, deviceName: name };
	}

	attach(connection: MqttConnection): this {
		// The connection may be lost before this is called.
		if (!this.ended) this.connection = connection;
		return this;
	}

	/** Whether the application has closed the session, before or after its end: the board stays offline. */
	isClosed(): boolean {
		return this.closing;
	}

	/** Begins the lifetime, subscribes to commands and requests the platform's time, if it has a time service. */
	setup(): void {
		const { host, time, lifetime } = this;
		if (lifetime)
			this.finished.then(
				host.timers.after(lifetime, () =>
					this.disconnect(new Failure("session", "ordered", "retry", { reason: "renewal" })),
				),
			);
		this.subscribe(this.topics.control);
		if (!time) return;
		this.subscribe(time.responseTopic);
		this.requestedAt = host.clock.ticks();
		this.publish(time.topic, time.request);
	}

	publish(topic: string, payload: Bytes, options?: PublishOptions): Promise<void> {
		return this.invalid(topic, "topic") ?? (this.connection as MqttConnection).publish(topic, payload, options);
	}

	subscribe(filter: string, options?: SubscribeOptions): Promise<0 | 1> {
		return this.invalid(filter, "filter") ?? (this.connection as MqttConnection).subscribe(filter, options);
	}

	unsubscribe(filter: string): Promise<void> {
		return this.invalid(filter, "filter") ?? (this.connection as MqttConnection).unsubscribe(filter);
	}

	/**
	 * MQTT 3.1.1, section 4.7: a wildcard is a whole level of a filter, and `#` the last one.
	 *
	 * @returns a rejected promise if the operation cannot even be tried
	 */
	private invalid(value: string, reason: "topic" | "filter"): Promise<never> | undefined {
		const levels = value.split("/");
		let isValid = value !== "" && value.indexOf("\0") < 0;
		for (let i = 0; i < levels.length; i++) {
			const level = levels[i] as string;
			if (reason === "filter" && (level === "+" || (level === "#" && i === levels.length - 1))) continue;
			if (level.indexOf("+") >= 0 || level.indexOf("#") >= 0) isValid = false;
		}
		if (!isValid) return rejected(badMessage(reason, { value }));
		return this.connection ? undefined : rejected(connectionLost());
	}

	receive(): Promise<Message | undefined> {
		return new Promise((resolve) => this.handOver(resolve));
	}

	next(): Promise<IteratorResult<Message, undefined>> {
		return new Promise((resolve) =>
			this.handOver((value) => resolve(value ? { value, done: false } : { value, done: true })),
		);
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/** Passes the next message to the receiver as soon as there is one. */
	private handOver(receiver: Receiver): void {
		const message = this.messages.shift();
		this.patience = 2;
		if (this.messages.length === 0) {
			this.resume?.();
			this.watch();
		}
		if (message === undefined && this.connection) this.receivers.push(receiver);
		else receiver(message);
	}

	log(event: BoardEvent): void {
		this.host.log(event);
	}

	close(): void {
		this.closing = true;
		this.disconnect();
	}

	/** Closes the connection. Unlike `close`, the board reconnects. @param failure the reason, if it is no command */
	disconnect(failure?: Failure): void {
		this.connection?.close();
		this.closed(failure);
	}

	message(topic: string, payload: Uint8Array): Promise<void> | undefined {
		const { time } = this;
		if (topic === time?.responseTopic) {
			this.setClock(time, payload);
			return undefined;
		}
		const message = new ReceivedMessage(topic, payload, this.host.crypto);
		const receiver = this.receivers.shift();
		if (receiver) {
			receiver(message);
			return undefined;
		}
		const { messages } = this;
		for (; this.isFull(); this.dropped++) messages.shift();
		messages.push(message);
		if (!this.isFull()) return undefined;
		if (!this.unwatch) this.watch();
		if (this.patience <= 0) return undefined;
		return new Promise((resolve) => {
			this.resume = resolve;
		});
	}

	/** A board has no memory for more. What is behind it waits in the network. */
	private isFull(): boolean {
		return this.messages.length === 16 || bytesOf(this.messages) > 2048;
	}

	/** While the queue is full. Its patience is shorter than any keep-alive, whose responses wait as well. */
	private watch(): void {
		const { host, dropped: count } = this;
		this.dropped = 0;
		if (count) host.log({ event: "dropped", count });
		this.unwatch?.();
		this.unwatch =
			this.ended || !this.isFull()
				? undefined
				: host.timers.after(5000, () => {
						if (--this.patience === 0) this.resume?.();
						this.watch();
					});
	}

	refused(failure: Failure): void {
		this.host.log({ event: "failed", ...failure });
	}

	closed(failure: Failure | undefined): void {
		this.ended = true;
		this.connection = undefined;
		this.watch();
		const receivers = this.receivers;
		this.receivers = [];
		for (let i = 0; i < receivers.length; i++) (receivers[i] as Receiver)(undefined);
		this.finish(failure);
	}

	private setClock(time: TimeService, payload: Uint8Array): void {
		const { clock, crypto, log } = this.host;
		let text: string;
		try {
			text = crypto.text(payload);
		} catch {
			return;
		}
		const timestamps = time.accept(text);
		if (timestamps === undefined) return;
		// The response took half of the round trip, without the time spent at the platform.
		const twice = timestamps.received + timestamps.sent + clock.ticks() - this.requestedAt;
		const now = (twice - (twice % 2)) / 2;
		if (setClock(clock, now)) log({ event: "clock", now });
	}
}

/** Sets the clock, unless the time is outside of 1 January 2026 to 2100, or before the build date. @returns whether it is set */
export const setClock = (clock: Clock, now: Milliseconds): boolean => {
	const before = clock.now();
	if (now > 1_767_225_600_000 && now < 4_102_444_800_000) {
		clock.set(now);
		if (clock.now() !== undefined) return true;
		// Only the host knows the build date.
		if (before !== undefined) clock.set(before);
	}
	return false;
};

const bytesOf = (messages: readonly Message[]): number => {
	let bytes = 0;
	for (let i = 0; i < messages.length; i++) {
		const { topic, payload } = messages[i] as Message;
		bytes += topic.length + payload.length;
	}
	return bytes;
};

/**
 * Connects. The cloud interprets a refused CONNACK.
 *
 * @param opened maps the connection to the result
 * @throws Failure
 */
export const connect = <T>(
	{ mqtt }: Host,
	{ connect: options, connackError }: MqttPlan,
	events: MqttEvents,
	deadline: Milliseconds,
	opened: (connection: MqttConnection) => T,
): Promise<T> =>
	mqtt.connect(options, events, deadline).then(opened, (error: Failure) => {
		throw error.code === "mqtt-refused" ? connackError(error.connackCode as number) : error;
	});
