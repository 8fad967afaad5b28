import { Failure } from "dynreg/errors";
import type { SessionPlan } from "../modules/contracts/cloud.js";
import type { Bytes, Host, Milliseconds, MqttConnection } from "../modules/contracts/host.js";
import type { Message, Session } from "../modules/contracts/session.js";

/** Milliseconds until the broker must have accepted the connection. */
const connectDeadline = 30_000;
/** Messages that wait for the application; then the oldest is dropped. A board has no memory to spare. */
const mostWaiting = 16;

/**
 * Opens the session that the plan describes.
 *
 * @throws Failure in phase `connect`
 */
export async function openSession(host: Host, plan: SessionPlan, device: string): Promise<LiveSession> {
	const session = new LiveSession(host, plan, device);
	await session.open();
	return session;
}

/** A connected session, with the platform's time service answered behind the application's back. */
export class LiveSession implements Session {
	readonly device: string;
	readonly control: string;
	readonly event: string;
	/** Settles when the session is over: undefined if the application closed it. */
	readonly over: Promise<Failure | undefined>;

	readonly #host: Host;
	readonly #plan: SessionPlan;
	readonly #waiting: Message[] = [];
	#wanted: ((message: Message | undefined) => void) | undefined;
	#end!: (failure: Failure | undefined) => void;
	#connection: MqttConnection | undefined;
	#ended = false;
	#timeAsked: Milliseconds = 0;

	constructor(host: Host, plan: SessionPlan, device: string) {
		this.#host = host;
		this.#plan = plan;
		this.device = device;
		this.control = plan.control;
		this.event = plan.event;
		this.over = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	async open(): Promise<void> {
		const { mqtt } = this.#host;
		const events = {
			message: (topic: string, payload: Uint8Array) => this.#arrived({ topic, payload }),
			closed: (failure: Failure) => this.#finish(failure),
		};
		try {
			const connection = await mqtt.connect(this.#plan.connect, events, connectDeadline);
			// It may be gone already by the time this resumes.
			if (!this.#ended) this.#connection = connection;
		} catch (error) {
			const { code, number } = error as Failure;
			throw code === "mqtt-refused" ? this.#plan.refusal(number as number) : error;
		}
	}

	/** Subscribes to commands and asks the platform for the time. */
	begin(): void {
		const { time, control } = this.#plan;
		this.subscribe(control);
		this.subscribe(time.answerTopic);
		this.#timeAsked = this.#host.clock.ticks();
		this.publish(time.topic, time.request);
	}

	publish(topic: string, payload: Bytes): void {
		this.#live().publish(topic, payload);
	}

	subscribe(topic: string): void {
		this.#live().subscribe(topic);
	}

	receive(): Promise<Message | undefined> {
		const message = this.#waiting.shift();
		if (message !== undefined || this.#connection === undefined) return Promise.resolve(message);
		return new Promise((resolve) => {
			this.#wanted = resolve;
		});
	}

	close(): void {
		this.#connection?.close();
		this.#finish(undefined);
	}

	#live(): MqttConnection {
		if (this.#connection === undefined)
			throw new Failure("session", "connection-lost", "retry", "The session is over; the next one comes by itself.");
		return this.#connection;
	}

	#arrived(message: Message): void {
		if (message.topic === this.#plan.time.answerTopic) {
			this.#setClock(message.payload);
			return;
		}
		if (this.#wanted) {
			this.#wanted(message);
			this.#wanted = undefined;
			return;
		}
		if (this.#waiting.length === mostWaiting) this.#waiting.shift();
		this.#waiting.push(message);
	}

	#setClock(payload: Uint8Array): void {
		const { clock, crypto, log } = this.#host;
		let text: string;
		try {
			text = crypto.text(payload);
		} catch {
			return;
		}
		const now = this.#plan.time.accept(text, this.#timeAsked, clock.ticks());
		if (now === undefined) return;
		clock.set(now);
		log({ event: "clock", now });
	}

	#finish(failure: Failure | undefined): void {
		this.#ended = true;
		this.#connection = undefined;
		this.#wanted?.(undefined);
		this.#wanted = undefined;
		this.#end(failure);
	}
}
