import { failure, type Trouble } from "dynreg/core/connection-errors";
import { maxBodyBytes, maxFramingBytes, maxHeadBytes } from "dynreg/platform/limits";
import Timer from "timer";
import type { Clock, Endpoint, Http, HttpReply, HttpRequest, Milliseconds } from "../../../modules/contracts/host.js";
import type { Failure } from "../../../modules/core/errors.js";
import { reach, type Target } from "./endpoint.js";
import { Link } from "./secure-stream.js";

/** HTTP/1.1 over a `Link`: one request a connection, and no redirects. In the place of the SDK's client, which is 10 KB. */
export const httpOver = (clock: Clock): Http => new Client(clock);

/** A class, as an `Exchange` is: a preloaded method stays in flash; the code of a function that is made later takes memory. */
class Client implements Http {
	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	request(request: HttpRequest, deadline: Milliseconds): Promise<HttpReply> {
		const { clock } = this;
		const { endpoint, maxReplyBytes } = request;
		const end = clock.ticks() + deadline;
		const text = textOf(request);
		// One promise, which nothing else waits for: each that is under way takes memory during the handshake.
		return new Promise((resolve, reject) => {
			reach(endpoint, "register", clock, deadline)
				.then((target) => {
					new Exchange(endpoint, text, maxReplyBytes, target, resolve, reject).start(end - clock.ticks());
				})
				.catch(reject);
		});
	}
}

const textOf = ({ endpoint, method, path, headers, body }: HttpRequest): ArrayBuffer => {
	const { secure, host, port } = endpoint;
	const content = ArrayBuffer.fromString(body);
	let text = `${method} ${path} HTTP/1.1\r\nHost: ${host}${port === (secure ? 443 : 80) ? "" : `:${port}`}\r\n`;
	for (let i = 0; i < headers.length; i++) text += `${headers[i]?.[0]}: ${headers[i]?.[1]}\r\n`;
	if (method === "POST") text += `Content-Length: ${content.byteLength}\r\n`;
	return ArrayBuffer.fromString(`${text}Connection: close\r\n\r\n`).concat(content);
};

class Exchange {
	private readonly endpoint: Endpoint;
	private readonly request: ArrayBuffer;
	private readonly most: number;
	private readonly missing: readonly string[];
	private readonly resolve: (reply: HttpReply) => void;
	private readonly reject: (reason: Failure) => void;
	private readonly link: Link;
	private timer: Timer | undefined;
	/** Whether all of it is there. */
	private hasHead = false;
	/** Once the status is there; of the headers, only those that are asked for. */
	private head: { status: number; retryAfter?: string; date?: string } | undefined;
	/** What is not understood yet: of the head, then of the body. */
	private bytes: Uint8Array = new Uint8Array(0);
	/** Of a body in chunks: those that are there. */
	private content = new ArrayBuffer(0);
	/** Bytes of the body: undefined for one that ends with the connection, -1 for one in chunks. */
	private length: number | undefined;

	constructor(
		endpoint: Endpoint,
		request: ArrayBuffer,
		most: number,
		target: Target,
		resolve: (reply: HttpReply) => void,
		reject: (reason: Failure) => void,
	) {
		this.endpoint = endpoint;
		this.request = request;
		this.most = Math.min(most, maxBodyBytes);
		this.missing = target.missing;
		this.resolve = resolve;
		this.reject = reject;
		this.link = new Link({ secure: target });
	}

	start(deadline: Milliseconds): void {
		this.timer = Timer.set(() => this.fail("timeout"), Math.max(deadline, 0));
		this.link.mostReceived = maxHeadBytes;
		this.link.callback = (message) => this.hear(message);
	}

	private hear(message: number): void {
		const { link } = this;
		if (message === 1) link.write(this.request);
		else if (message === 2) this.receive(link.read(ArrayBuffer));
		const trouble = message < 0 ? link.trouble : undefined;
		const body = this.body(trouble === "connection-lost");
		if (body) {
			this.finish();
			this.resolve({ ...this.head, body } as HttpReply);
		} else if (message < 0) this.fail(trouble ?? "connection-lost");
	}

	private fail(trouble: Trouble): void {
		this.finish();
		this.reject(failure("register", this.endpoint, trouble, this.link.cause, this.missing));
	}

	private finish(): void {
		Timer.clear(this.timer as Timer);
		this.link.close();
	}

	/** Reads lines of the head one by one: none of it need be in memory together. @throws Error on what is not HTTP */
	private receive(buffer: ArrayBuffer | undefined): void {
		if (!buffer) return;
		const bytes = new Uint8Array((this.bytes.buffer as ArrayBuffer).concat(buffer));
		let at = 0;
		while (!this.hasHead) {
			const end = endOfLine(bytes, at);
			if (end < 0) break;
			this.readLine(String.fromArrayBuffer(bytes.slice(at, end).buffer as ArrayBuffer));
			at = end + 2;
		}
		this.bytes = at ? bytes.slice(at) : bytes;
	}

	private readLine(line: string): void {
		const { head } = this;
		const colon = line.indexOf(":");
		const value = line.slice(colon + 1).trim();
		if (!head) this.readStatus(line.split(" "));
		else if (!line) {
			this.hasHead = true;
			this.link.mostReceived = this.link.received + this.most + maxFramingBytes;
		} else
			switch (line.slice(0, colon).toLowerCase()) {
				case "retry-after":
					head.retryAfter = value;
					break;
				case "date":
					head.date = value;
					break;
				case "content-length":
					this.length ??= Number(value);
					if (!(this.length >= 0)) throw new Error("no length");
					break;
				case "transfer-encoding":
					this.length = -1;
					break;
			}
	}

	private readStatus(words: readonly string[]): void {
		const status = Number(words[1]);
		if ((words[0] as string).indexOf("HTTP/1.") !== 0 || !(status >= 100 && status < 600)) throw new Error("no status");
		if (status === 204 || status === 304) this.length = 0;
		this.head = { status };
	}

	/**
	 * The whole body, once it is there.
	 *
	 * @param ended whether nothing more comes
	 * @throws Error on what is not HTTP
	 */
	private body(ended: boolean): Uint8Array | undefined {
		const { bytes, length, most } = this;
		if (!this.hasHead) return undefined;
		if (length === -1) return this.chunked();
		if (length !== undefined && length <= most && bytes.length >= length) return bytes.slice(0, length);
		if (bytes.length > most) this.link.fail("answer-too-large");
		else if (ended && length === undefined) return bytes;
		return undefined;
	}

	/** RFC 9112, section 7.1 */
	private chunked(): Uint8Array | undefined {
		for (;;) {
			const { bytes } = this;
			const end = endOfLine(bytes, 0);
			if (end < 0) {
				// What may stand behind the size has no end of its own.
				if (bytes.length > 256) this.link.fail("answer-too-large");
				return undefined;
			}
			const size = Number.parseInt(String.fromArrayBuffer(bytes.slice(0, end).buffer as ArrayBuffer), 16);
			if (!(size >= 0)) throw new Error("no size of a chunk");
			if (size === 0) return new Uint8Array(this.content);
			if (this.content.byteLength + size > this.most) {
				this.link.fail("answer-too-large");
				return undefined;
			}
			const next = end + 2 + size;
			if (next + 2 > bytes.length) return undefined;
			this.content = this.content.concat(bytes.slice(end + 2, next).buffer as ArrayBuffer);
			this.bytes = bytes.slice(next + 2);
		}
	}
}

/** Where the next line ends; -1 if it does not yet. */
const endOfLine = (bytes: Uint8Array, from: number): number => {
	for (let at = from; at + 2 <= bytes.length; at++) if (bytes[at] === 13 && bytes[at + 1] === 10) return at;
	return -1;
};
