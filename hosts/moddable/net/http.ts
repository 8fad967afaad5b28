import { failure, type Trouble } from "dynreg/core/connection-errors";
import { maxBodyBytes, maxFramingBytes, maxHeadBytes } from "dynreg/platform/limits";
import { Request } from "http";
import Timer from "timer";
import type { Clock, Endpoint, Http, HttpReply, HttpRequest, Milliseconds } from "../../../modules/contracts/host.js";
import { reach, type Target } from "./endpoint.js";
import { Link } from "./secure-stream.js";

const phase = "register";

/** The SDK's HTTP client: one request a connection, and no redirects. */
export class SdkHttp implements Http {
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	async request(request: HttpRequest, deadline: Milliseconds): Promise<HttpReply> {
		const end = this.#clock.ticks() + deadline;
		const target = await reach(request.endpoint, phase, this.#clock, deadline);
		// Not awaited: this function's frame would stay in memory during the handshake.
		return exchange(request, target, end - this.#clock.ticks());
	}
}

function exchange(request: HttpRequest, target: Target, deadline: Milliseconds): Promise<HttpReply> {
	const { endpoint } = request;
	const maxReplyBytes = Math.min(request.maxReplyBytes, maxBodyBytes);
	const { missing } = target;
	const client = send(request, target);
	const link = client.socket;
	if (link) link.mostReceived = maxHeadBytes;
	return new Promise((resolve, reject) => {
		let status = 0;
		let retryAfter: string | undefined;
		let date: string | undefined;
		let body = new ArrayBuffer(0);
		const finish = () => {
			Timer.clear(timer);
			client.close();
		};
		const fail = (trouble: Trouble) => {
			finish();
			reject(failure(phase, endpoint, trouble, link?.cause, missing));
		};
		const timer = Timer.set(() => fail("timeout"), Math.max(deadline, 0));

		client.callback = (message, value, text) => {
			if (message === 1) {
				status = Number(value);
				if (!(status >= 100 && status < 600)) fail("garbage");
			} else if (message === 2) {
				if (value === "retry-after") retryAfter = text;
				else if (value === "date") date = text;
			} else if (message === 3) {
				if (link) link.mostReceived = link.received + maxReplyBytes + maxFramingBytes;
			} else if (message === 4) {
				const bytes = client.read(ArrayBuffer, Number(value));
				if (bytes) body = body.concat(bytes);
				if (body.byteLength > maxReplyBytes) fail("tooLarge");
			} else if (message === 5) {
				finish();
				resolve({
					status,
					body: new Uint8Array(body),
					...(retryAfter === undefined ? {} : { retryAfter }),
					...(date === undefined ? {} : { date }),
				});
			} else if (message < 0) fail(link?.trouble ?? "lost");
		};
	});
}

function send({ endpoint, method, path, headers, body }: HttpRequest, target: Target): Request<Link, Target> {
	const content = ArrayBuffer.fromString(body);
	return new Request({
		method,
		path,
		headers: [
			...headers.flat(),
			"Host",
			hostOf(endpoint),
			...(method === "POST" ? ["Content-Length", String(content.byteLength)] : []),
		],
		...(content.byteLength ? { body: content } : {}),
		Socket: Link,
		secure: target,
	});
}

function hostOf({ secure, host, port }: Endpoint): string {
	return port === (secure ? 443 : 80) ? host : `${host}:${port}`;
}
