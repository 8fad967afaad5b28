import { failure, gone } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import type {
	Exchange,
	HttpExchange,
	MqttExchange,
	MqttPlan,
	SessionPlan,
	TimeService,
} from "../modules/contracts/cloud.js";
import type { Credential } from "../modules/contracts/credential.js";
import type { Bytes, Host, HttpReply, Milliseconds, MqttConnection, MqttEvents } from "../modules/contracts/host.js";
import type { Message, Session } from "../modules/contracts/session.js";

/**
 * Opens the session that the plan describes. The platform's time service is answered
 * behind the application's back.
 *
 * @throws Failure in phase `connect`
 */
export const openSession = (host: Host, plan: SessionPlan, device: string): Promise<LiveSession> => {
	const session = new LiveSession(host, plan, device);
	// The broker must have accepted the connection by then.
	return connect(host, plan, session, 30_000, (connection) => session.opened(connection));
};

/** A session from the inside: what boot needs to see of it. */
export class LiveSession implements Session, MqttEvents {
	readonly device: string;
	readonly control: string;
	readonly event: string;
	/** Settles when the session is over, with the reason if nobody closed it. */
	readonly over: Promise<Failure | undefined>;

	private readonly host: Host;
	private readonly time: TimeService;
	/** Undefined before the session and after it. */
	private connection: MqttConnection | undefined;
	private ended = false;
	private isOver = false;
	private end!: (failure: Failure | undefined) => void;
	private waiting: Message[] = [];
	/** Calls of `receive` that wait, oldest first. */
	private wanted: ((message: Message | undefined) => void)[] = [];
	private timeAsked = 0;

	constructor(host: Host, { control, event, time }: SessionPlan, device: string) {
		this.device = device;
		this.control = control;
		this.event = event;
		this.over = new Promise((resolve) => {
			this.end = resolve;
		});
		this.host = host;
		this.time = time;
	}

	opened(connection: MqttConnection): this {
		// It may be gone already by the time this is called.
		if (!this.ended) this.connection = connection;
		return this;
	}

	/** Whether the application has closed it, before or after its end: the board stays offline. */
	isClosed(): boolean {
		return this.isOver;
	}

	/** Subscribes to commands and asks the platform for the time. */
	begin(): void {
		this.subscribe(this.control);
		this.subscribe(this.time.answerTopic);
		this.timeAsked = this.host.clock.ticks();
		this.publish(this.time.topic, this.time.request);
	}

	publish(topic: string, payload: Bytes): void {
		this.live().publish(topic, payload);
	}

	subscribe(topic: string): void {
		this.live().subscribe(topic);
	}

	receive(): Promise<Message | undefined> {
		const message = this.waiting.shift();
		if (message !== undefined || this.connection === undefined) return Promise.resolve(message);
		return new Promise((resolve) => {
			this.wanted.push(resolve);
		});
	}

	close(): void {
		this.isOver = true;
		this.abandon();
	}

	/** Ends what is left of the connection, without being asked by the application. */
	abandon(): void {
		this.connection?.close();
		this.closed(undefined);
	}

	message(topic: string, payload: Uint8Array): void {
		if (topic === this.time.answerTopic) {
			this.setClock(payload);
			return;
		}
		const receiver = this.wanted.shift();
		if (receiver) {
			receiver({ topic, payload });
			return;
		}
		const waiting = this.waiting;
		// More are dropped, the oldest first: a board has no memory to spare.
		while (waiting.length === 16 || bytesOf(waiting) > 8192) waiting.shift();
		waiting.push({ topic, payload });
	}

	closed(failure: Failure | undefined): void {
		this.ended = true;
		this.connection = undefined;
		const receivers = this.wanted;
		this.wanted = [];
		for (let i = 0; i < receivers.length; i++) (receivers[i] as (typeof receivers)[number])(undefined);
		this.end(failure);
	}

	private live(): MqttConnection {
		if (this.connection === undefined) throw gone();
		return this.connection;
	}

	private setClock(payload: Uint8Array): void {
		const { clock, crypto, log } = this.host;
		let text: string;
		try {
			text = crypto.text(payload);
		} catch {
			return;
		}
		const stamps = this.time.accept(text);
		if (stamps === undefined) return;
		// The answer has travelled for half of the time that was not spent at the platform.
		const now = Math.round((stamps.received + stamps.sent + clock.ticks() - this.timeAsked) / 2);
		// A platform's clock that reads less (1 January 2026) is wrong, and so is one of 2100.
		if (!(now > 1_767_225_600_000 && now < 4_102_444_800_000)) return;
		clock.set(now);
		log({ event: "clock", now });
	}
}

const bytesOf = (messages: readonly Message[]): number => {
	let bytes = 0;
	for (let i = 0; i < messages.length; i++) {
		const { topic, payload } = messages[i] as Message;
		bytes += topic.length + payload.length;
	}
	return bytes;
};

/**
 * Opens the connection that the plan describes. A refused CONNACK means what the cloud says it means.
 *
 * @param opened what comes of the connection
 * @throws Failure
 */
const connect = <T>(
	{ mqtt }: Host,
	{ connect: options, refusal }: MqttPlan,
	events: MqttEvents,
	deadline: Milliseconds,
	opened: (connection: MqttConnection) => T,
): Promise<T> =>
	mqtt.connect(options, events, deadline).then(opened, (error: Failure) => {
		throw error.code === "mqtt-refused" ? refusal(error.number as number) : error;
	});

/**
 * Asks the platform for a credential. Each question has a connection of its own, which is closed
 * when this settles: an answer that comes later reaches nobody (invariant 5).
 *
 * @throws Failure in phase `register`
 */
export const perform = (host: Host, exchange: Exchange): Promise<Credential> => {
	if (!("request" in exchange)) return awaitPush(host, exchange).catch(failedToRegister);
	// The exchange itself, with its request, is not in memory any more while the answer is awaited.
	const { accept } = exchange;
	return host.http.request(exchange.request, 20_000).then((reply) => accepting(accept, reply), failedToRegister);
};

const accepting = (accept: HttpExchange["accept"], reply: HttpReply): Credential => {
	try {
		return accept(reply);
	} catch (error) {
		return failedToRegister(error);
	}
};

const failedToRegister = (error: unknown): never => {
	throw Failure.from(error).during("register");
};

async function awaitPush(host: Host, exchange: MqttExchange): Promise<Credential> {
	const { endpoint } = exchange.connect;
	let give: (credential: Credential) => void;
	let fail: (error: unknown) => void;
	const pushed = new Promise<Credential>((resolve, reject) => {
		give = resolve;
		fail = reject;
	});
	const events = {
		message(topic: string, payload: Uint8Array) {
			try {
				const credential = exchange.accept(topic, payload);
				if (credential !== undefined) give(credential);
			} catch (error) {
				fail(error);
			}
		},
		closed: (reason: Failure) => fail(reason),
	};
	const connection = await connect(host, exchange, events, 20_000, (opened) => opened);
	// It is pushed at once; after 15 s Alibaba Cloud hangs up.
	host.timers.sleep(10_000).then(() => fail(failure("register", endpoint, "timeout")));
	try {
		return await pushed;
	} finally {
		connection.close();
	}
}
