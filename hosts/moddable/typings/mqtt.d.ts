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
		/** Gone once closed. */
		readonly ws: Link | undefined;
		/**
		 * The packet that is being received, from the moment that the socket is connected. States 0 to 4
		 * are its fixed header; then come those that begin with the type of the packet, `length` bytes follow.
		 */
		parse: { readonly state: number; readonly length?: number; readonly topic?: string };
		/** The CONNACK has come, with return code 0. */
		onReady(): void;
		/** An exception is swallowed. */
		onMessage(topic: string, payload: ArrayBuffer): void;
		/** Queues a packet for `onReady` and `onMessage`. */
		dispatch(packet: { readonly code: number; readonly topic: string; readonly payload: ArrayBuffer }): void;
		/** Bytes have arrived. */
		received(buffer: ArrayBuffer): void;
		/** Called on every failure; the SDK's own traces the text, calls `onClose` and closes. */
		fail(message?: string): void;
		/** @throws Error once closed */
		publish(topic: string, payload: string | ArrayBuffer): void;
		/** @throws Error once closed */
		subscribe(topic: string): void;
		/** Safe at any time; sends DISCONNECT unless `immediate`. */
		close(immediate?: boolean): void;
	}
}
