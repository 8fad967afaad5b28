import type { Bytes, Host } from "./host.js";

/** What the application is handed each time the board is online. */
export interface Session {
	readonly device: string;
	/** Commands from the cloud: subscribed already. */
	readonly control: string;
	/** Events to the cloud. */
	readonly event: string;

	/** QoS 0. @throws Failure `connection-lost` once the session is over */
	publish(topic: string, payload: Bytes): void;
	/** QoS 0. @throws Failure `connection-lost` once the session is over */
	subscribe(topic: string): void;
	/**
	 * The next message, in the order of arrival; undefined once the session is over.
	 * At most 16 wait, and 8 KB of them beside the newest; then the oldest are dropped.
	 */
	receive(): Promise<Message | undefined>;
	/** Ends the session; the board stays offline. */
	close(): void;
}

export interface Message {
	readonly topic: string;
	readonly payload: Uint8Array;
}

/**
 * Runs once a session, beside it: when it returns or throws, the session goes on.
 *
 * @param host the board's ports; its log cuts the board's secrets out
 */
export type Application = (session: Session, host: Host) => void | Promise<void>;
