import type { Bytes, Host, PublishOptions, SubscribeOptions } from "./host.js";

/**
 * An authenticated MQTT connection, passed to the application each time the board is online.
 *
 * @example
 * for (let message = await session.receive(); message; message = await session.receive())
 *     session.publish(session.event, message.payload);
 */
export interface Session {
	readonly device: string;
	/** The topic of commands from the cloud, already subscribed. */
	readonly control: string;
	/** The topic of events to the cloud. */
	readonly event: string;
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
 * Called once for each session. When it returns or throws, the session continues.
 *
 * @param host the board's ports; `host.log` redacts the board's secrets
 */
export type Application = (session: Session, host: Host) => void | Promise<void>;
