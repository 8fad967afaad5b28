import type { Failure } from "dynreg/errors";
import { gone } from "dynreg/trouble";
import type { SessionPlan } from "../modules/contracts/cloud.js";
import type { Host, MqttConnection } from "../modules/contracts/host.js";
import type { Message, Session } from "../modules/contracts/session.js";
import { connect } from "./connect.js";

/** Milliseconds until the broker must have accepted the connection. */
const connectDeadline = 30_000;
/** Messages that wait for the application, and bytes of them; then the oldest are dropped. A board has no memory to spare. */
const mostWaiting = 16;
const mostBytesWaiting = 8192;
/** UTC in milliseconds: a platform's clock that reads less (1 January 2026) or more (2100) is wrong. */
const earliest = 1_767_225_600_000;
const latest = 4_102_444_800_000;

/** A session from the inside: what boot needs to see of it. */
export interface LiveSession extends Session {
	/** Settles when the session is over, with the reason if nobody closed it. */
	readonly over: Promise<Failure | undefined>;
	/** The application has closed it, before or after its end: the board stays offline. */
	readonly isClosed: () => boolean;
	/** Subscribes to commands and asks the platform for the time. */
	begin(): void;
	/** Ends what is left of the connection, without being asked by the application. */
	abandon(): void;
}

/**
 * Opens the session that the plan describes. The platform's time service is answered
 * behind the application's back.
 *
 * @throws Failure in phase `connect`
 */
export async function openSession(host: Host, plan: SessionPlan, device: string): Promise<LiveSession> {
	const { clock, crypto } = host;
	const { control, event, time } = plan;
	const waiting: Message[] = [];
	/** Undefined before the session and after it. */
	let connection: MqttConnection | undefined;
	let ended = false;
	let closed = false;
	/** Calls of `receive` that wait, oldest first. */
	let wanted: ((message: Message | undefined) => void)[] = [];
	let end: (failure: Failure | undefined) => void;
	let timeAsked = 0;
	const over = new Promise<Failure | undefined>((resolve) => {
		end = resolve;
	});

	function arrived(topic: string, payload: Uint8Array): void {
		if (topic === time.answerTopic) {
			setClock(payload);
			return;
		}
		const receiver = wanted.shift();
		if (receiver) {
			receiver({ topic, payload });
			return;
		}
		while (waiting.length === mostWaiting || waitingBytes() > mostBytesWaiting) waiting.shift();
		waiting.push({ topic, payload });
	}

	function waitingBytes(): number {
		return waiting.reduce((sum, { topic, payload }) => sum + topic.length + payload.length, 0);
	}

	function setClock(payload: Uint8Array): void {
		let text: string;
		try {
			text = crypto.text(payload);
		} catch {
			return;
		}
		const stamps = time.accept(text);
		if (stamps === undefined) return;
		// The answer has travelled for half of the time that was not spent at the platform.
		const now = Math.round((stamps.received + stamps.sent + clock.ticks() - timeAsked) / 2);
		if (!(now > earliest && now < latest)) return;
		clock.set(now);
		host.log({ event: "clock", now });
	}

	function finish(failure: Failure | undefined): void {
		ended = true;
		connection = undefined;
		const receivers = wanted;
		wanted = [];
		for (const receiver of receivers) receiver(undefined);
		end(failure);
	}

	function live(): MqttConnection {
		if (connection === undefined) throw gone();
		return connection;
	}

	const opened = await connect(host, plan, { message: arrived, closed: finish }, connectDeadline);
	// It may be gone already by the time this resumes.
	if (!ended) connection = opened;

	const session: LiveSession = {
		device,
		control,
		event,
		over,
		isClosed: () => closed,
		begin() {
			session.subscribe(control);
			session.subscribe(time.answerTopic);
			timeAsked = clock.ticks();
			session.publish(time.topic, time.request);
		},
		publish(topic, payload) {
			live().publish(topic, payload);
		},
		subscribe(topic) {
			live().subscribe(topic);
		},
		receive() {
			const message = waiting.shift();
			if (message !== undefined || connection === undefined) return Promise.resolve(message);
			return new Promise((resolve) => {
				wanted.push(resolve);
			});
		},
		close() {
			closed = true;
			session.abandon();
		},
		abandon() {
			connection?.close();
			finish(undefined);
		},
	};
	return session;
}
