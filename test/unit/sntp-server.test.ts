import { createSocket } from "node:dgram";
import { once } from "node:events";
import { SntpServer, sntpResponse } from "@dynreg/cloud/internal/server/sntp-server";
import test from "ava";
import { query, readResponse } from "dynreg/time/sntp";

const random = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

for (const now of [Date.UTC(2026, 6, 1, 12, 0, 0, 250), Date.UTC(2036, 1, 7, 6, 28, 16, 1), Date.UTC(2099, 11, 31)])
	test(`a response at ${new Date(now).toISOString()} has just that time`, (t) => {
		const told = sntpResponse(Buffer.from(query(random)), now);
		t.is(told && readResponse(told, random, 0), now);
	});

test("the version is the client's, and timestamps stand where RFC 5905 has them", (t) => {
	const asked = Buffer.from(query(random));
	asked[0] = 0x1b;
	const told = sntpResponse(asked, 500) ?? Buffer.alloc(0);
	t.is(told[0], 0x1c);
	t.is(told.toString("latin1", 12, 16), "LOCL");
	for (const position of [16, 32, 40]) {
		t.is(told.readUInt32BE(position), 2_208_988_800, `seconds at ${position}`);
		t.is(told.readUInt32BE(position + 4), 0x8000_0000, `fraction at ${position}`);
	}
});

test("packets other than client queries get no response", (t) => {
	t.is(sntpResponse(Buffer.alloc(0), 0), undefined);
	t.is(sntpResponse(Buffer.from(query(random)).subarray(0, 47), 0), undefined);
	const server = sntpResponse(Buffer.from(query(random)), 0) ?? Buffer.alloc(48);
	t.is(sntpResponse(server, 0), undefined);
});

test("a server sends its time over UDP, with the offset it was given, until it is closed", async (t) => {
	const server = new SntpServer("127.0.0.1", 0);
	await server.start();
	const socket = createSocket("udp4");
	const ask = async () => {
		socket.send(query(random), server.port, "127.0.0.1");
		const [told] = (await once(socket, "message")) as [Buffer];
		return readResponse(told, random, 0) ?? 0;
	};
	try {
		t.true(Math.abs((await ask()) - Date.now()) < 1000);
		server.time = { offset: 86_400, silent: false };
		t.true(Math.abs((await ask()) - Date.now() - 86_400_000) < 1000);
		await t.throwsAsync(new SntpServer("127.0.0.1", server.port).start(), {
			message: /Cannot listen for SNTP on 127\.0\.0\.1:\d+/,
		});
	} finally {
		socket.close();
		await server.stop();
	}
	const again = new SntpServer("127.0.0.1", server.port);
	await again.start();
	await again.stop();
});
