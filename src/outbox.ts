import { ignorable, queueFull, rejected } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import type { Bytes } from "../modules/contracts/host.js";
import type { Session } from "../modules/contracts/session.js";

interface WaitingMessage {
	readonly topic: string;
	readonly payload: Bytes;
	readonly bytes: number;
	/** A session has ended before the acknowledgement. */
	duplicate: boolean;
	resolve(): void;
	reject(failure: Failure): void;
}

/**
 * Messages that must not get lost: sent with QoS 1, in order, one at a time, and once more in the next session (with the
 * DUP flag) if a session ends before the acknowledgement. So each arrives at least once. While the application's own
 * messages fill the session, they wait. They are in memory, and lost with the power.
 *
 * @example
 * const outbox = new Outbox({ maxBytes: 4096 });
 * start(createHost(), readConfiguration(), (session) => outbox.attach(session));
 * outbox.publish("telemetry", "21.5").catch(() => {});
 */
export class Outbox {
	private readonly maxBytes: number;
	private bytes = 0;
	/** Oldest first. */
	private messages: WaitingMessage[] = [];
	private session: Session | undefined;
	private isSending = false;

	/** @param maxBytes of all messages that wait: topics, payloads, and 64 for each message */
	constructor({ maxBytes }: { readonly maxBytes: number }) {
		this.maxBytes = maxBytes;
	}

	/**
	 * Resolves when the broker has acknowledged the message, in whatever session. The promise may be ignored.
	 *
	 * @throws Failure `queue-full` if the message does not fit beside those that wait, or `bad-message` as `Session.publish`
	 */
	publish(topic: string, payload: Bytes): Promise<void> {
		const bytes = 64 + byteLength(topic) + byteLength(payload);
		if (this.bytes + bytes > this.maxBytes) return rejected(queueFull());
		this.bytes += bytes;
		return ignorable(
			new Promise((resolve, reject) => {
				const copy = typeof payload === "string" ? payload : payload.slice();
				this.messages.push({ topic, payload: copy, bytes, duplicate: false, resolve, reject });
				this.send();
			}),
		);
	}

	/** Sends what waits in this session from now on. For the application, which is called with each session. */
	attach(session: Session): void {
		this.session = session;
		this.send();
	}

	private send(): void {
		const { session } = this;
		const next = this.messages[0];
		if (this.isSending || session === undefined || next === undefined) return;
		if (session.ended) {
			this.session = undefined;
			return;
		}
		this.isSending = true;
		session.publish(next.topic, next.payload, { qos: 1, duplicate: next.duplicate }).then(
			() => this.settle(session, next),
			(failure: Failure) => this.settle(session, next, failure),
		);
	}

	private settle(session: Session, message: WaitingMessage, failure?: Failure): void {
		this.isSending = false;
		if (failure?.code === "connection-lost") {
			message.duplicate = true;
			// Unless a newer one is there.
			if (this.session === session) this.session = undefined;
		} else if (failure?.code !== "queue-full") {
			this.messages.shift();
			this.bytes -= message.bytes;
			if (failure) message.reject(failure);
			else message.resolve();
		}
		// Also after `queue-full`, which rejects once there is room: nothing was sent, so the message is no duplicate.
		this.send();
	}
}

/** Bytes in UTF-8. Half of a surrogate pair counts for two. */
const byteLength = (text: Bytes): number => {
	let { length } = text;
	if (typeof text === "string")
		for (let i = 0; i < text.length; i++) {
			const code = text.charCodeAt(i);
			if (code > 0x7f) length += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
		}
	return length;
};
