import type { BoardEvent } from "./event.js";
import type { Bytes, PublishOptions, SubscribeOptions } from "./host.js";

/**
 * An authenticated MQTT connection, passed to the application each time the board is online. It is an asynchronous iterator
 * of the messages, which ends with the session.
 *
 * @example
 * for await (const message of session)
 *     session.publish(session.topics.event, message.payload);
 */
export interface Session extends AsyncIterable<Message> {
	readonly identity: Identity;
	readonly topics: {
		/** Of commands from the cloud, already subscribed. */
		readonly control: string;
		/** Of events to the cloud. */
		readonly event: string;
	};
	/** The session is over. What has been asked of it since then was not sent. */
	readonly ended: boolean;

	/**
	 * Sends a message. The promise resolves with QoS 0, the default, when the network has taken the message, and with
	 * QoS 1 when the broker has acknowledged it. Await it before the next message, or ignore it; it is never thrown.
	 * QoS 2, retained messages and wills do not exist on the platforms, nor here.
	 *
	 * @throws Failure in phase `session`: `connection-lost` if the session ends first, `bad-message` if the topic is empty
	 * or has a wildcard or the message is too large for the board, `queue-full` if too much waits already: it is not
	 * sent, and the promise rejects as soon as there is room again
	 */
	publish(topic: string, payload: Bytes, options?: PublishOptions): Promise<void>;
	/**
	 * Subscribes to a topic filter, for this session. Resolves with the QoS that the broker has granted.
	 *
	 * @throws Failure in phase `session`: `subscribe-refused`, `bad-message` for an invalid filter, `connection-lost`,
	 * `queue-full`
	 */
	subscribe(filter: string, options?: SubscribeOptions): Promise<0 | 1>;
	/** Ends a subscription. @throws Failure as `subscribe`, but never `subscribe-refused` */
	unsubscribe(filter: string): Promise<void>;
	/**
	 * The next message, in order of arrival; undefined once the session is over. While 16 messages wait, or more than
	 * 2,048 bytes of topics and payloads, the board reads no further from the network. If the application does not
	 * receive for 10 seconds, the oldest are dropped for newer ones, and an event `dropped` counts them.
	 *
	 * `for await` does the same.
	 */
	receive(): Promise<Message | undefined>;
	/** Adds an event to the board's log, in which secrets are redacted. */
	log(event: BoardEvent): void;
	/** Ends the session; the board stays offline. */
	close(): void;
}

export interface Identity {
	/** As in the configuration's `cloud`. */
	readonly cloud: string;
	/** The product's id or key. */
	readonly product: string;
	readonly deviceName: string;
}

export interface Message {
	readonly topic: string;
	readonly payload: Uint8Array;
	/**
	 * The payload as text.
	 *
	 * @param maxBytes the longest beginning that is read, up to the end of a character. Default: all
	 * @throws Error on malformed UTF-8
	 */
	text(maxBytes?: number): string;
	/** The payload as JSON. @throws Error if it is not JSON, or nested more than 16 deep */
	json(): unknown;
}

/** Called once for each session. When it returns or throws, the session continues. */
export type Application = (session: Session) => void | Promise<void>;
