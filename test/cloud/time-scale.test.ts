import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { startCloud } from "@dynreg/cloud";
import { Timers } from "@dynreg/cloud/internal/server/timers";
import test, { type ExecutionContext } from "ava";
import { connect } from "mqtt";
import { reservedPorts } from "../support/reserved-ports.js";
import { closed, open, productSecret, registration, until } from "./aliyun-device.js";
import { login, obtainPsk, product, registerV2, v2Request } from "./device.js";

/** Board time passes so many times faster. */
const timeScale = 60;
const names = { productId: product.id, deviceName: "board" };

async function scaledCloud(t: ExecutionContext) {
	const cloud = await startCloud({ timeScale, ports: reservedPorts() });
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	return cloud;
}

/** @returns seconds of real time */
async function timed(action: () => Promise<unknown>): Promise<number> {
	const started = performance.now();
	await action();
	return (performance.now() - started) / 1000;
}

/** Whether the real time shows that this board time was divided: not shorter, and far from the whole of it. */
function isScaled(t: ExecutionContext, seconds: number, boardTime: number): void {
	t.true(seconds > (boardTime / timeScale) * 0.95, `${seconds} s is too short for ${boardTime} s of board time`);
	t.true(seconds < boardTime * 0.9, `${seconds} s is too long for ${boardTime} s of board time`);
}

test("a delayed response leaves after its seconds of board time", async (t) => {
	const cloud = await scaledCloud(t);
	cloud.administration.setFaults([{ operation: "register", fault: "delay", seconds: 60, count: 1 }]);
	const seconds = await timed(() => registerV2(cloud.urls.http, names));
	isScaled(t, seconds, 60);
});

test("a session with a fault ends after its seconds of board time", async (t) => {
	const cloud = await scaledCloud(t);
	const psk = await obtainPsk(cloud.urls.http, names);
	cloud.administration.setFaults([{ operation: "session", fault: "drop", seconds: 60 }]);
	const seconds = await timed(async () => {
		const client = connect(cloud.urls.mqtt, { ...login(names, psk), protocolVersion: 4, reconnectPeriod: 0 });
		await closed(client);
	});
	isScaled(t, seconds, 60);
});

test("a silent device is disconnected after 1.5 keep-alives in board time", async (t) => {
	const cloud = await scaledCloud(t);
	const { clientId, username, password } = login(names, await obtainPsk(cloud.urls.http, names));
	const text = (value: string) => Buffer.concat([Buffer.of(0, value.length), Buffer.from(value)]);
	const fields = Buffer.concat([text(clientId), text(username), text(password)]);
	const head = Buffer.concat([text("MQTT"), Buffer.of(4, 0xc2, 0, 40)]);
	const length = head.length + fields.length;
	const connectPacket = Buffer.concat([Buffer.of(0x10, 0x80 | (length & 0x7f), length >> 7), head, fields]);
	const { port } = new URL(cloud.urls.mqtt);
	const seconds = await timed(async () => {
		const socket = connectPlain(Number(port), "127.0.0.1", () => socket.write(connectPacket));
		await new Promise((resolve) => socket.resume().once("close", resolve));
	});
	isScaled(t, seconds, 60);
	await until(() => cloud.administration.requests().at(-1)?.operation === "disconnect");
	t.regex(cloud.administration.requests().at(-1)?.reason ?? "", /1\.5 times its keep-alive/);
});

test("the platform's time limit of a registration over MQTT is in board time", async (t) => {
	const cloud = await scaledCloud(t);
	cloud.administration.putProduct("aliyun", "a1Scaled", { secret: productSecret });
	cloud.administration.putDevice("aliyun", "a1Scaled", "board-1");
	const fields = registration("register", { productKey: "a1Scaled", deviceName: "board-1" });
	const seconds = await timed(async () => {
		await closed(await open(cloud.urls.mqtts, fields, { ca: readFileSync(cloud.ca) }));
	});
	isScaled(t, seconds, 15);
	await until(() => cloud.administration.requests().at(-1)?.operation === "disconnect");
	t.regex(cloud.administration.requests().at(-1)?.reason ?? "", /lasts at most 15 s/);
});

test("a restart takes its seconds of board time", async (t) => {
	const cloud = await scaledCloud(t);
	isScaled(t, await timed(() => cloud.administration.restart(60)), 60);
});

test("times in messages are not divided", async (t) => {
	const cloud = await scaledCloud(t);
	const fault = { operation: "register", fault: "status", status: 503, retryAfter: 60, count: 1 } as const;
	cloud.administration.setFaults([fault]);
	const { headers, body } = v2Request("127.0.0.1", names);
	const response = await fetch(`${cloud.urls.http}/device/register`, { method: "POST", headers, body });
	t.is(response.headers.get("Retry-After"), "60");
});

for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
	test(`a time scale of ${wrong} is refused`, async (t) => {
		await t.throwsAsync(startCloud({ timeScale: wrong }), {
			message: /timeScale is invalid: .*\. Expected a number above 0/,
		});
	});

test("no timer outlives its connection", async (t) => {
	const timers = new Timers(timeScale);
	let called = 0;
	const connection = Object.assign(new EventEmitter(), { destroyed: false });
	timers.later(connection, 600, () => called++);
	connection.emit("close");
	timers.later(Object.assign(new EventEmitter(), { destroyed: true }), 0, () => called++);
	await new Promise((resolve) => setTimeout(resolve, 50));
	t.is(called, 0);
});
