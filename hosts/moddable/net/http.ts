import { type ConnectionErrorCode, connectionError } from "dynreg/core/connection-errors";
import { maxBodyBytes, maxFramingBytes, maxHeadBytes } from "dynreg/platform/limits";
import Timer from "timer";
import type {
	Clock,
	Endpoint,
	Http,
	HttpRequest,
	HttpResponse,
	Milliseconds,
} from "../../../modules/contracts/host.js";
import type { Failure } from "../../../modules/core/errors.js";
import type { TlsSessions } from "../tls/handshake.js";
import { type ResolvedEndpoint, resolveEndpoint } from "./endpoint.js";
import { SecureStream } from "./secure-stream.js";

/**
 * HTTP/1.1 over a `SecureStream`: one request for each connection, which resumes the TLS session of the one before, no
 * redirects. Replaces the SDK's client, which takes 10 KB.
 */
export const createHttp = (clock: Clock): Http => new Client(clock);

/** A class, since preloaded methods stay in flash; functions created at run time take memory. */
class Client implements Http {
	private readonly clock: Clock;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	request(request: HttpRequest, deadline: Milliseconds): Promise<HttpResponse> {
		const { clock } = this;
		const { endpoint, maxResponseBytes } = request;
		const end = clock.ticks() + deadline;
		const text = textOf(request);
		// A single promise, since each pending one takes memory during the handshake.
		return new Promise((resolve, reject) => {
			resolveEndpoint(endpoint, "register", clock, deadline)
				.then((target) => {
					new Request(endpoint, text, maxResponseBytes, target, resolve, reject).start(end - clock.ticks());
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
	if (method !== "GET") text += `Content-Length: ${content.byteLength}\r\n`;
	return ArrayBuffer.fromString(`${text}Connection: close\r\n\r\n`).concat(content);
};

class Request {
	private readonly endpoint: Endpoint;
	private readonly request: ArrayBuffer;
	private readonly limit: number;
	private readonly missing: readonly string[];
	private readonly resolve: (response: HttpResponse) => void;
	private readonly reject: (reason: Failure) => void;
	private readonly stream: SecureStream;
	private timer: Timer | undefined;
	/** Whether the head is complete. */
	private hasHead = false;
	/** The status and the headers that are used; undefined before the status line. */
	private head: { status: number; retryAfter?: string; date?: string } | undefined;
	/** Unparsed bytes of the head, then of the body. */
	private bytes: Uint8Array = new Uint8Array(0);
	/** The received chunks of a chunked body. */
	private content = new ArrayBuffer(0);
	/** The length of the body; undefined if it ends with the connection, -1 if chunked. */
	private length: number | undefined;

	constructor(
		endpoint: Endpoint,
		request: ArrayBuffer,
		limit: number,
		target: ResolvedEndpoint,
		resolve: (response: HttpResponse) => void,
		reject: (reason: Failure) => void,
	) {
		this.endpoint = endpoint;
		this.request = request;
		this.limit = Math.min(limit, maxBodyBytes);
		this.missing = target.missing;
		this.resolve = resolve;
		this.reject = reject;
		this.stream = new SecureStream({ secure: target });
	}

	start(deadline: Milliseconds): void {
		this.timer = Timer.set(() => this.fail("timeout"), Math.max(deadline, 0));
		this.stream.maxReceived = maxHeadBytes;
		this.stream.callback = (message) => this.dispatch(message);
	}

	private dispatch(message: number): void {
		const { stream } = this;
		if (message === 1) stream.write(this.request);
		else if (message === 2) this.receive(stream.read(ArrayBuffer));
		const errorCode = message < 0 ? stream.errorCode : undefined;
		const body = this.body(errorCode === "connection-lost");
		if (body) {
			this.finish();
			if (stream.session) (globalThis as TlsSessions).dynregTlsSession = stream.session;
			this.resolve({ ...this.head, body } as HttpResponse);
		} else if (message < 0) this.fail(errorCode ?? "connection-lost");
	}

	private fail(errorCode: ConnectionErrorCode): void {
		this.finish();
		this.reject(
			connectionError("register", this.endpoint, errorCode, this.stream.cause, this.missing, this.stream.alert),
		);
	}

	private finish(): void {
		Timer.clear(this.timer as Timer);
		this.stream.close();
	}

	/** Parses the head line by line, to save memory. @throws Error if it is not HTTP */
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
			this.stream.maxReceived = this.stream.received + this.limit + maxFramingBytes;
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
	 * The body; undefined while it is incomplete.
	 *
	 * @param ended whether the connection has ended
	 * @throws Error if it is not HTTP
	 */
	private body(ended: boolean): Uint8Array | undefined {
		const { bytes, length, limit } = this;
		if (!this.hasHead) return undefined;
		if (length === -1) return this.chunked();
		if (length !== undefined && length <= limit && bytes.length >= length) return bytes.slice(0, length);
		if (bytes.length > limit) this.stream.fail("answer-too-large");
		else if (ended && length === undefined) return bytes;
		return undefined;
	}

	/** RFC 9112, section 7.1 */
	private chunked(): Uint8Array | undefined {
		for (;;) {
			const { bytes } = this;
			const end = endOfLine(bytes, 0);
			if (end < 0) {
				// Chunk extensions have no limit of their own.
				if (bytes.length > 256) this.stream.fail("answer-too-large");
				return undefined;
			}
			const size = Number.parseInt(String.fromArrayBuffer(bytes.slice(0, end).buffer as ArrayBuffer), 16);
			if (!(size >= 0)) throw new Error("no size of a chunk");
			if (size === 0) return new Uint8Array(this.content);
			if (this.content.byteLength + size > this.limit) {
				this.stream.fail("answer-too-large");
				return undefined;
			}
			const next = end + 2 + size;
			if (next + 2 > bytes.length) return undefined;
			this.content = this.content.concat(bytes.slice(end + 2, next).buffer as ArrayBuffer);
			this.bytes = bytes.slice(next + 2);
		}
	}
}

/** The end of the next line; -1 if it is incomplete. */
const endOfLine = (bytes: Uint8Array, from: number): number => {
	for (let at = from; at + 2 <= bytes.length; at++) if (bytes[at] === 13 && bytes[at + 1] === 10) return at;
	return -1;
};
