/** SDK modules/network/mqtt/mqtt.js (the classic client); not in the SDK's typings. */
declare module "mqtt" {
	/** What it needs of a connection. */
	interface Stream {
		callback: (message: number, value?: number) => void;
		read(type: ArrayBufferConstructor): ArrayBuffer | undefined;
		write(data: ArrayBuffer): void;
		close(): void;
	}

	export default class Client<Link extends Stream, Secure> {
		constructor(options: {
			host: string;
			port: number;
			id: string;
			user: string;
			password?: string;
			/** Keep alive in milliseconds. */
			timeout: number;
			Socket: new (options: { secure: Secure }) => Link;
			secure: Secure;
		});
		/** 1 once connected, 2 once the broker has accepted the connection, -1 once closed. */
		readonly state: number;
		/** Gone once closed. */
		readonly ws: Link | undefined;
		/** The identifier of the last packet that was written, incremented for each PUBLISH, SUBSCRIBE and UNSUBSCRIBE. */
		packet: number;
		/** The CONNACK has come, with return code 0. */
		onReady(): void;
		/** An exception is swallowed. */
		onMessage(topic: string, payload: ArrayBuffer): void;
		/** Queues a packet for `onReady` and `onMessage`. */
		dispatch(packet: { readonly code: number; readonly topic?: string; readonly payload?: ArrayBuffer }): void;
		/** Bytes have arrived. */
		received(buffer: ArrayBuffer): void;
		/** Called on every failure; the SDK's own traces the text, calls `onClose` and closes. */
		fail(message?: string): void;
		/** @param payload a string or an `ArrayBuffer` @param flags `quality` is the QoS @throws Error once closed */
		publish(
			topic: string,
			payload: unknown,
			flags?: { readonly quality?: number; readonly duplicate?: boolean },
		): unknown;
		/** With QoS 0. @throws Error once closed */
		subscribe(topic: string): unknown;
		/** @throws Error once closed */
		unsubscribe(topic: string): unknown;
		/** Safe at any time; sends DISCONNECT unless `immediate`. */
		close(immediate?: boolean): void;
	}
}
