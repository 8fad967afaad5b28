import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Assignment, Report } from "../device/device-case.js";

/** What a board asks with, and what to answer it. */
export interface AssignmentRequest {
	readonly report: Report;
	respond(assignment: Assignment): void;
}

/** Where boards ask what to do next: any POST, JSON both ways (`conformance/device/device-case.ts`). */
export interface TestCoordinator {
	readonly url: string;
	/** The next question; one that nobody waits for waits for this. */
	next(signal: AbortSignal): Promise<AssignmentRequest>;
	/** Forgets what a board has asked that is no more. */
	forget(): void;
	close(): Promise<void>;
}

/** More than any report. */
const maxBytes = 65_536;

export async function startTestCoordinator(address: string): Promise<TestCoordinator> {
	const requests: AssignmentRequest[] = [];
	let onRequest = () => {};
	const server = createServer((request, response) => {
		let body = "";
		request.setEncoding("utf8");
		request.on("data", (text: string) => {
			body += text;
			if (body.length > maxBytes) request.destroy();
		});
		request.on("end", () => {
			const report = parseReport(body);
			if (report === undefined) {
				response.statusCode = 400;
				response.end("a report is JSON\n");
				return;
			}
			requests.push({ report, respond: (assignment) => response.end(JSON.stringify(assignment)) });
			onRequest();
		});
		request.on("error", () => {});
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, address, resolve);
	});
	return {
		url: `http://${address}:${(server.address() as AddressInfo).port}`,
		next: (signal) =>
			new Promise((resolve, reject) => {
				const take = () => {
					const request = requests.shift();
					if (request === undefined) return;
					onRequest = () => {};
					resolve(request);
				};
				onRequest = take;
				signal.addEventListener("abort", () => {
					if (onRequest === take) onRequest = () => {};
					reject(signal.reason);
				});
				take();
			}),
		forget() {
			requests.length = 0;
		},
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function parseReport(body: string): Report | undefined {
	try {
		const report: unknown = JSON.parse(body);
		return typeof report === "object" && report !== null ? report : undefined;
	} catch {
		return undefined;
	}
}
