import { createSocket } from "node:dgram";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test from "ava";
import { connectAsync } from "mqtt";
import { login, obtainPsk, product } from "./device.js";

const DAY = 24 * 60 * 60;

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
});
test.after.always(() => cloud.close());

interface Told {
	/** Milliseconds since 1970. */
	readonly time: number;
	readonly answer: Buffer;
}

/** What an SNTP client (RFC 5905, section 14) is told; undefined if nothing comes within so many milliseconds. */
function ask(url: string, query: Buffer = clientQuery(), wait = 30_000): Promise<Told | undefined> {
	const { hostname, port } = new URL(url);
	const socket = createSocket("udp4");
	return new Promise((resolve) => {
		const timer = setTimeout(() => {
			socket.close();
			resolve(undefined);
		}, wait);
		socket.once("message", (answer) => {
			clearTimeout(timer);
			socket.close();
			const seconds = answer.readUInt32BE(40) - 2_208_988_800;
			// From 2036 on the seconds count anew.
			const era = seconds < 0 ? 2 ** 32 : 0;
			resolve({ time: (seconds + era + answer.readUInt32BE(44) / 2 ** 32) * 1000, answer });
		});
		socket.send(query, Number(port), hostname);
	});
}

function clientQuery(): Buffer {
	const query = Buffer.alloc(48);
	// No leap second is known of, version 4, client.
	query[0] = 0xe3;
	query.write("whenever", 40, "latin1");
	return query;
}

const offBy = async (url = cloud.urls.sntp): Promise<number> => ((await ask(url))?.time ?? 0) - Date.now();

test.serial("an SNTP query gets the time in the form of RFC 5905", async (t) => {
	t.regex(cloud.urls.sntp, /^sntp:\/\/127\.0\.0\.1:\d+$/);
	const told = await ask(cloud.urls.sntp);
	if (!told) throw new Error("no answer");
	const { answer, time } = told;
	t.true(Math.abs(time - Date.now()) < 10_000);
	t.is(answer.length, 48);
	t.is((answer[0] ?? 0) & 0b111, 4);
	t.is(((answer[0] ?? 0) >> 3) & 0b111, 4);
	t.true((answer[1] ?? 0) >= 1 && (answer[1] ?? 0) <= 15);
	t.is(answer.toString("latin1", 24, 32), "whenever");
	t.true(answer.readBigUInt64BE(32) <= answer.readBigUInt64BE(40));
	t.is(await ask(cloud.urls.sntp, Buffer.from("what is the time?"), 300), undefined);
});

test.serial("the time server applies its offset and its silence", async (t) => {
	const { administration } = cloud;
	for (const offset of [2 * DAY, -2 * DAY, 60.5, 15 * 365 * DAY]) {
		t.deepEqual(administration.setTime({ offset }), { offset, silent: false });
		t.true(Math.abs((await offBy()) - offset * 1000) < 10_000, String(offset));
	}
	t.deepEqual(administration.setTime({ silent: true }), { offset: 15 * 365 * DAY, silent: true });
	t.is(await ask(cloud.urls.sntp, undefined, 300), undefined);
	t.deepEqual(administration.setTime({ offset: 0, silent: false }), { offset: 0, silent: false });
	t.true(Math.abs(await offBy()) < 10_000);
});

test.serial("all other times are the true one", async (t) => {
	cloud.administration.setTime({ offset: -365 * DAY });
	const { headers } = await fetch(`${cloud.urls.http}/nowhere`);
	t.true(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now()) < 10_000);
	const names = { productId: product.id, deviceName: "punctual" };
	const fields = login(names, await obtainPsk(cloud.urls.http, names));
	const client = await connectAsync(cloud.urls.mqtt, { ...fields, reconnectPeriod: 0 }, false);
	await client.subscribeAsync(`$sys/operation/result/${product.id}/punctual`);
	const arrived = new Promise<string>((resolve) => client.once("message", (_, payload) => resolve(String(payload))));
	await client.publishAsync(`$sys/operation/${product.id}/punctual`, '{"type":"get","resource":["time"]}');
	const { ntptime1 } = JSON.parse(await arrived) as { ntptime1: number };
	t.true(Math.abs(ntptime1 - Date.now()) < 10_000);
	client.end(true);
	cloud.administration.setTime({ offset: 0 });
});

test.serial("the time is set over HTTP as well, and what cannot be is refused with a sentence", async (t) => {
	const send = async (method: string, body?: unknown) => {
		const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
		const response = await fetch(`${cloud.urls.admin}/time`, init);
		return { status: response.status, body: (await response.json()) as Record<string, unknown> };
	};
	t.deepEqual(await send("PUT", { offset: 3600 }), { status: 200, body: { offset: 3600, silent: false } });
	t.deepEqual((await send("PUT", { silent: true })).body, { offset: 3600, silent: true });
	t.deepEqual((await send("GET")).body, { offset: 3600, silent: true });
	const cases: [body: unknown, error: RegExp][] = [
		[{ offset: "1" }, /"offset" is invalid\. Expected a number/],
		[{ offset: 1e12 }, /"offset" is invalid\. Expected a number of seconds from -3155760000 to 3155760000/],
		[{ silent: 1 }, /"silent" is invalid\. Expected true or false/],
		[{ Offset: 1 }, /"Offset" is unknown\. Known keys: offset, silent/],
	];
	for (const [body, error] of cases) {
		const reply = await send("PUT", body);
		t.is(reply.status, 400);
		t.regex(String(reply.body.error), error);
	}
	t.deepEqual((await send("GET")).body, { offset: 3600, silent: true });
	cloud.administration.setTime({ offset: 0, silent: false });
});

test("the time server's port can be chosen, is freed, and must not be taken", async (t) => {
	const first = await startCloud();
	const port = Number(new URL(first.urls.sntp).port);
	await t.throwsAsync(startCloud({ ports: { sntp: port } }), {
		message: /Cannot listen for SNTP on 127\.0\.0\.1:\d+: another program is using the port\. Stop that program/,
	});
	await first.close();
	const second = await startCloud({ ports: { sntp: port } });
	t.is(second.urls.sntp, `sntp://127.0.0.1:${port}`);
	t.true(Math.abs(await offBy(second.urls.sntp)) < 10_000);
	await second.close();
});
