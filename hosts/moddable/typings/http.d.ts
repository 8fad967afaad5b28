/** SDK modules/network/http/http.js, its client; the SDK's typings lack `Socket` and have another number for errors. */
declare module "http" {
	import type { Stream } from "socket";

	/** -2 failed, 1 status, 2 header, 3 all headers, 4 bytes of the body, 5 complete. */
	export type Message = -2 | 1 | 2 | 3 | 4 | 5;

	export class Request<Link extends Stream, Secure> {
		constructor(options: {
			method: string;
			path: string;
			/** Name, value, name, value … */
			headers: readonly string[];
			body?: ArrayBuffer;
			Socket: new (options: { secure: Secure }) => Link;
			/** Handed through to `Socket`, as all options are. */
			secure: Secure;
		});
		/** Gone once closed. */
		readonly socket: Link | undefined;
		/** `value` is the status, the name of a header in lower case, or a count of bytes; `text` is a header's value. */
		callback: (message: Message, value?: string | number, text?: string) => void;
		read(type: ArrayBufferConstructor, count?: number): ArrayBuffer | undefined;
		close(): void;
	}
}
