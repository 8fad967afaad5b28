import { failure, type Trouble } from "dynreg/trouble";
import { Request } from "http";
import type { Clock, Endpoint, Http, HttpReply, HttpRequest, Milliseconds } from "../../../modules/contracts/host.js";
import { within } from "./deadline.js";
import { Link } from "./link.js";
import { reach, type Target } from "./target.js";

const phase = "register";
/** Bytes of status line, headers and chunk framing that an answer may have beside its body. */
const mostAround = 8192;

/** The SDK's HTTP client: one request a connection, and no redirects. */
export function createHttp(clock: Clock): Http {
	return { request: (request, deadline) => exchange(request, deadline, clock) };
}

async function exchange(request: HttpRequest, deadline: Milliseconds, clock: Clock): Promise<HttpReply> {
	const { endpoint } = request;
	const started = clock.ticks();
	const target = await reach(endpoint, phase, clock, deadline);
	const client = send(request, target);
	try {
		const left = deadline - (clock.ticks() - started);
		return await within(left, read(client, request, target), () => failure(phase, endpoint, "timeout"));
	} finally {
		client.close();
	}
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

function read(
	client: Request<Link, Target>,
	{ endpoint, maxReplyBytes }: HttpRequest,
	{ missing }: Target,
): Promise<HttpReply> {
	const link = client.socket;
	if (link) link.mostReceived = maxReplyBytes + mostAround;
	return new Promise((resolve, reject) => {
		let status = 0;
		let retryAfter: string | undefined;
		let date: string | undefined;
		let body = new ArrayBuffer(0);
		const fail = (trouble: Trouble) => reject(failure(phase, endpoint, trouble, link?.cause, missing));

		client.callback = (message, value, text) => {
			if (message === 1) {
				status = Number(value);
				if (!(status >= 100 && status < 600)) fail("garbage");
			} else if (message === 2) {
				if (value === "retry-after") retryAfter = text;
				else if (value === "date") date = text;
			} else if (message === 4) {
				const bytes = client.read(ArrayBuffer, Number(value));
				if (bytes) body = body.concat(bytes);
				if (body.byteLength > maxReplyBytes) fail("tooLarge");
			} else if (message === 5) {
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

function hostOf({ secure, host, port }: Endpoint): string {
	return port === (secure ? 443 : 80) ? host : `${host}:${port}`;
}
