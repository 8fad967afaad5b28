import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Assignment, Report } from "../device/device-case.js";

/** What a board asks with, and what to answer it. */
export interface Question {
	readonly report: Report;
	answer(assignment: Assignment): void;
}

/** Where boards ask what to do next: any POST, JSON both ways (`conformance/device/device-case.ts`). */
export interface Conductor {
	readonly url: string;
	/** The next question; one that nobody waits for waits for this. */
	next(signal: AbortSignal): Promise<Question>;
	/** Forgets what a board has asked that is no more. */
	forget(): void;
	close(): Promise<void>;
}

/** More than any report. */
const mostBytes = 65_536;

export async function startConductor(address: string): Promise<Conductor> {
	const questions: Question[] = [];
	let asked = () => {};
	const server = createServer((request, reply) => {
		let body = "";
		request.setEncoding("utf8");
		request.on("data", (text: string) => {
			body += text;
			if (body.length > mostBytes) request.destroy();
		});
		request.on("end", () => {
			const report = reportIn(body);
			if (report === undefined) {
				reply.statusCode = 400;
				reply.end("a report is JSON\n");
				return;
			}
			questions.push({ report, answer: (assignment) => reply.end(JSON.stringify(assignment)) });
			asked();
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
					const question = questions.shift();
					if (question === undefined) return;
					asked = () => {};
					resolve(question);
				};
				asked = take;
				signal.addEventListener("abort", () => {
					if (asked === take) asked = () => {};
					reject(signal.reason);
				});
				take();
			}),
		forget() {
			questions.length = 0;
		},
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function reportIn(body: string): Report | undefined {
	try {
		const report: unknown = JSON.parse(body);
		return typeof report === "object" && report !== null ? report : undefined;
	} catch {
		return undefined;
	}
}
