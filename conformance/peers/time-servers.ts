import { createSocket } from "node:dgram";
import { bindUdp, sntpResponse } from "@dynreg/cloud/internal/server/sntp-server";
import type { TimeBehaviour } from "../contract/cases/case.js";

/** An SNTP server that behaves as it is told. */
export interface TimeServer {
	readonly port: number;
	behaviour: TimeBehaviour;
	close(): void;
}

const year = 365.25 * 24 * 60 * 60 * 1000;

export async function startTimeServer(host: string): Promise<TimeServer> {
	const socket = createSocket("udp4");
	await bindUdp(socket, host, 0);
	const server: TimeServer = {
		port: socket.address().port,
		behaviour: "good",
		close: () => socket.close(),
	};
	let queries = 0;
	socket.on("message", (query, { port, address }) => {
		if (server.behaviour === "lossy" && ++queries % 2 === 1) return;
		for (const answer of responses(query, server.behaviour)) socket.send(answer, port, address);
	});
	return server;
}

function responses(query: Buffer, behaviour: TimeBehaviour): readonly Buffer[] {
	const answer = sntpResponse(query, Date.now() + (offsets[behaviour] ?? 0) * year);
	if (answer === undefined) return [];
	switch (behaviour) {
		case "silent":
			return [];
		case "kiss":
			// RFC 5905, section 7.4
			answer[1] = 0;
			answer.write("RATE", 12, "latin1");
			return [answer];
		case "stranger":
			answer[24] = (answer[24] ?? 0) ^ 1;
			return [answer];
		case "garbage":
			return [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), answer.subarray(0, 47), query, Buffer.alloc(1400, 0x24)];
		case "empty":
			return [Buffer.alloc(0)];
	}
	return [answer];
}

/** Years by which the clock is wrong. Those whose answers are to be dropped would be found out by it. */
const offsets: Readonly<Partial<Record<TimeBehaviour, number>>> = {
	ahead: 73,
	behind: -30,
	kiss: 10,
	stranger: 10,
	garbage: 10,
};
