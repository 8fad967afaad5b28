import type { Failure } from "dynreg/errors";
import { gone } from "dynreg/trouble";
import type { SessionPlan } from "../modules/contracts/cloud.js";
import type { Host, MqttConnection } from "../modules/contracts/host.js";
import type { Message, Session } from "../modules/contracts/session.js";

/** Milliseconds until the broker must have accepted the connection. */
const connectDeadline = 30_000;
/** Messages that wait for the application; then the oldest is dropped. A board has no memory to spare. */
const mostWaiting = 16;

/** A session from the inside: what boot needs to see of it. */
export interface LiveSession extends Session {
	/** Settles when the session is over: undefined if it was closed from here. */
	readonly over: Promise<Failure | undefined>;
	/** Subscribes to commands and asks the platform for the time. */
	begin(): void;
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
	let wanted: ((message: Message | undefined) => void) | undefined;
	let end: (failure: Failure | undefined) => void;
	let timeAsked = 0;
	const over = new Promise<Failure | undefined>((resolve) => {
		end = resolve;
	});

	function arrived(topic: string, payload: Uint8Array): void {
		if (topic === time.answerTopic) setClock(payload);
		else if (wanted) {
			wanted({ topic, payload });
			wanted = undefined;
		} else {
			if (waiting.length === mostWaiting) waiting.shift();
			waiting.push({ topic, payload });
		}
	}

	function setClock(payload: Uint8Array): void {
		let text: string;
		try {
			text = crypto.text(payload);
		} catch {
			return;
		}
		const now = time.accept(text, timeAsked, clock.ticks());
		if (now === undefined) return;
		clock.set(now);
		host.log({ event: "clock", now });
	}

	function finish(failure: Failure | undefined): void {
		ended = true;
		connection = undefined;
		wanted?.(undefined);
		wanted = undefined;
		end(failure);
	}

	function live(): MqttConnection {
		if (connection === undefined) throw gone();
		return connection;
	}

	try {
		const opened = await host.mqtt.connect(plan.connect, { message: arrived, closed: finish }, connectDeadline);
		// It may be gone already by the time this resumes.
		if (!ended) connection = opened;
	} catch (error) {
		const { code, number } = error as Failure;
		throw code === "mqtt-refused" ? plan.refusal(number as number) : error;
	}

	const session: LiveSession = {
		device,
		control,
		event,
		over,
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
				wanted = resolve;
			});
		},
		close() {
			connection?.close();
			finish(undefined);
		},
	};
	return session;
}
