import { failure, type Trouble } from "dynreg/core/connection-errors";
import { maxBodyBytes, maxFramingBytes, maxHeadBytes } from "dynreg/platform/limits";
import Timer from "timer";
import type { Clock, Http, HttpReply, HttpRequest, Milliseconds } from "../../../modules/contracts/host.js";
import { reach, type Target } from "./endpoint.js";
import { Link } from "./secure-stream.js";

/** HTTP/1.1 over a `Link`: one request a connection, and no redirects. In the place of the SDK's client, which is 10 KB. */
export const httpOver = (clock: Clock): Http => ({
	async request(request, deadline) {
		const end = clock.ticks() + deadline;
		const target = await reach(request.endpoint, "register", clock, deadline);
		// Not awaited: this function's frame would stay in memory during the handshake.
		return exchange(request, target, end - clock.ticks());
	},
});

const exchange = (request: HttpRequest, target: Target, deadline: Milliseconds): Promise<HttpReply> =>
	new Promise((resolve, reject) => {
		const link = new Link({ secure: target });
		const fail = (trouble: Trouble) => {
			finish();
			reject(failure("register", request.endpoint, trouble, link.cause, target.missing));
		};
		const timer = Timer.set(() => fail("timeout"), Math.max(deadline, 0));
		const finish = () => {
			Timer.clear(timer);
			link.close();
		};
		const reply = new Reply(link, Math.min(request.maxReplyBytes, maxBodyBytes));
		link.mostReceived = maxHeadBytes;
		link.callback = (message) => {
			if (message === 1) link.write(textOf(request));
			else if (message === 2) reply.receive(link.read(ArrayBuffer));
			const trouble = message < 0 ? link.trouble : undefined;
			const body = reply.body(trouble === "connection-lost");
			if (body) {
				finish();
				resolve({ ...reply.head, body } as HttpReply);
			} else if (message < 0) fail(trouble ?? "connection-lost");
		};
	});

const textOf = ({ endpoint, method, path, headers, body }: HttpRequest): ArrayBuffer => {
	const { secure, host, port } = endpoint;
	const content = ArrayBuffer.fromString(body);
	let text = `${method} ${path} HTTP/1.1\r\nHost: ${host}${port === (secure ? 443 : 80) ? "" : `:${port}`}\r\n`;
	for (let i = 0; i < headers.length; i++) text += `${headers[i]?.[0]}: ${headers[i]?.[1]}\r\n`;
	if (method === "POST") text += `Content-Length: ${content.byteLength}\r\n`;
	return ArrayBuffer.fromString(`${text}Connection: close\r\n\r\n`).concat(content);
};

class Reply {
	/** Once all headers are there; only those that are asked for. */
	head: { status: number; retryAfter?: string; date?: string } | undefined;
	private readonly link: Link;
	private readonly most: number;
	/** What is not understood yet: of the head, then of the body. */
	private bytes: Uint8Array = new Uint8Array(0);
	/** Bytes of the body: undefined for one that ends with the connection, -1 for one in chunks. */
	private length: number | undefined;

	constructor(link: Link, most: number) {
		this.link = link;
		this.most = most;
	}

	/** @throws Error on what is not HTTP */
	receive(buffer: ArrayBuffer | undefined): void {
		if (!buffer) return;
		const { bytes } = this;
		this.bytes = new Uint8Array((bytes.buffer as ArrayBuffer).concat(buffer));
		if (this.head) return;
		// The end of the head may be split between what was there and what came.
		const end = endOfLine(this.bytes, Math.max(bytes.length - 3, 0), 2);
		if (end < 0) return;
		this.readHead(String.fromArrayBuffer(this.bytes.slice(0, end).buffer as ArrayBuffer));
		this.bytes = this.bytes.slice(end + 4);
		this.link.mostReceived = this.link.received + this.most + maxFramingBytes;
	}

	private readHead(text: string): void {
		const lines = text.split("\r\n");
		const first = (lines.shift() as string).split(" ");
		const status = Number(first[1]);
		if ((first[0] as string).indexOf("HTTP/1.") !== 0 || !(status >= 100 && status < 600)) throw new Error("no status");
		const head: Reply["head"] = { status };
		if (status === 204 || status === 304) this.length = 0;
		for (let i = 0; i < lines.length; i++) {
			const line = lines[i] as string;
			const colon = line.indexOf(":");
			const value = line.slice(colon + 1).trim();
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
		this.head = head;
	}

	/**
	 * The whole body, once it is there.
	 *
	 * @param ended whether nothing more comes
	 * @throws Error on what is not HTTP
	 */
	body(ended: boolean): Uint8Array | undefined {
		const { bytes, length, most } = this;
		if (!this.head) return undefined;
		if (length === -1) return this.chunked();
		if (length !== undefined && length <= most && bytes.length >= length) return bytes.slice(0, length);
		if (bytes.length > most) this.link.fail("answer-too-large");
		else if (ended && length === undefined) return bytes;
		return undefined;
	}

	/** RFC 9112, section 7.1 */
	private chunked(): Uint8Array | undefined {
		const { bytes } = this;
		let whole = new ArrayBuffer(0);
		for (let at = 0; ; ) {
			const end = endOfLine(bytes, at, 1);
			if (end < 0) return undefined;
			const size = Number.parseInt(String.fromArrayBuffer(bytes.slice(at, end).buffer as ArrayBuffer), 16);
			if (!(size >= 0)) throw new Error("no size of a chunk");
			if (size === 0) return new Uint8Array(whole);
			if (whole.byteLength + size > this.most) {
				this.link.fail("answer-too-large");
				return undefined;
			}
			at = end + 2 + size;
			if (at + 2 > bytes.length) return undefined;
			whole = whole.concat(bytes.slice(end + 2, at).buffer as ArrayBuffer);
			at += 2;
		}
	}
}

/** Where the next line ends, or the next that an empty one follows; -1 if it does not yet. */
const endOfLine = (bytes: Uint8Array, from: number, ends: 1 | 2): number => {
	for (let at = from; at + 2 * ends <= bytes.length; at++)
		if (bytes[at] === 13 && bytes[at + 1] === 10 && (ends === 1 || (bytes[at + 2] === 13 && bytes[at + 3] === 10)))
			return at;
	return -1;
};
