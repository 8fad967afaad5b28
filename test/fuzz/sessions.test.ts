/** Whatever a broker sends, on whatever topic: nothing is thrown, little is kept, and the clock stays believable. */

import { createHost } from "@dynreg/node/internal/host";
import test from "ava";
import { time as aliyunTime } from "dynreg/clouds/aliyun/session-plan";
import { thing as aliyunThing } from "dynreg/clouds/aliyun/thing";
import { tencent } from "dynreg/clouds/tencent/cloud";
import { thing as tencentThing } from "dynreg/clouds/tencent/thing";
import { time as volcengineTime } from "dynreg/clouds/volcengine/session-plan";
import { thing as volcengineThing } from "dynreg/clouds/volcengine/thing";
import type { Inputs, RawConfiguration } from "dynreg/contracts/cloud";
import type { Host, MqttEvents } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import { openSession } from "dynreg/session";
import fc from "fast-check";
import { crypto } from "../support/node-crypto.js";
import { timeOf } from "../support/plans.js";
import { recordedBytes, recordedTexts } from "./corpus.js";
import { anyText, replaceText, replaceValue } from "./hostile-values.js";
import { checkProperty } from "./properties.js";

const inputs: Inputs = { now: 1_800_000_000_000, random: new Uint8Array(16).fill(7) };
const configuration: RawConfiguration = { productId: "PRODUCT001", deviceName: "board-1" };
const credential = { kind: "key", secret: new Secret("EBESExQVFhcYGRobHB0eHw==") } as const;
const device = tencent.device(configuration, crypto, undefined);
const plan = device.session(credential, inputs);

const tencentTimes = { type: "get", time: 1_800_000_000, ntptime1: 1_800_000_000_000, ntptime2: 1_800_000_000_001 };
const aliyunTimes = {
	deviceSendTime: "1800000000000",
	serverRecvTime: "1800000000100",
	serverSendTime: "1800000000101",
};

const volcengineTimes = {
	ID: "1800000000000",
	Code: 0,
	Data: { DeviceSendTime: 1_800_000_000_000, ServerRecvTime: 1_800_000_000_100, ServerSendTime: 1_800_000_000_101 },
};

for (const [what, service, answer] of [
	["Tencent", timeOf(plan), tencentTimes],
	["Alibaba", aliyunTime("unitKey0001/board-1", inputs), aliyunTimes],
	["Volcengine", volcengineTime("sys/unitKey0001/board-1", inputs), volcengineTimes],
] as const)
	test(`the time service of ${what}: any text is two numbers, or passed over`, (t) =>
		checkProperty(
			t,
			replaceText(answer),
			(text) => {
				const stamps = service.accept(text);
				if (stamps !== undefined && (typeof stamps.received !== "number" || typeof stamps.sent !== "number"))
					throw new Error("no numbers");
			},
			{ runs: 4000, recorded: recordedTexts("messages") },
		));

const { property, event, action } = tencentThing({ product: "PRODUCT001", deviceName: "board-1" });
const { post } = aliyunThing({ product: "unitKey0001", deviceName: "board-1" });
const volcengineProperty = volcengineThing({ product: "unitKey0001", deviceName: "board-1" }).property;

/** Each reader of the thing models, and something that it would take. */
const readers: readonly (readonly [string, (payload: string) => unknown, unknown])[] = [
	["property.control", property.control, { method: "control", clientToken: "1", params: { light: 1 } }],
	["property.reply", property.reply, { method: "report_reply", clientToken: "1", code: 0, status: "", data: {} }],
	["event.reply", event.reply, { method: "event_reply", clientToken: "1", code: 0, status: "", data: {} }],
	["action.call", action.call, { method: "action", clientToken: "1", actionId: "open", params: { by: "me" } }],
	["post.reply", post.reply, { id: "1", code: 200, message: "success", data: {} }],
	["property.reply of Volcengine", volcengineProperty.reply, { ID: "1", Code: 0, Data: {} }],
	["property.set of Volcengine", volcengineProperty.set, { ID: "1", Version: "1.0", Params: { light: 1 } }],
];

for (const [name, read, right] of readers)
	test(`${name}: any message is read or passed over`, async (t) => {
		t.truthy(read(JSON.stringify(right)));
		await checkProperty(t, replaceText(right), read, { runs: 3000, recorded: recordedTexts("messages") });
	});

/** A session whose broker is the test. */
async function session(log: Host["log"] = () => {}) {
	const host = createHost({ log });
	let events: MqttEvents | undefined;
	const mqtt: Host["mqtt"] = {
		async connect(_options, given) {
			events = given;
			return { publish: async () => {}, subscribe: async () => 0, unsubscribe: async () => {}, close() {} };
		},
	};
	const opened = await openSession({ ...host, mqtt }, plan, device);
	const message: MqttEvents["message"] = (topic, payload) => events?.message(topic, payload);
	return { clock: host.clock, opened, message };
}

const topics = fc.oneof(
	fc.constantFrom(timeOf(plan).responseTopic, plan.control),
	anyText,
	fc.constant("t".repeat(9000)),
);

test("a session takes any messages and queues at most 16, and 8 KB", async (t) => {
	const messages = fc.array(fc.tuple(topics, fc.oneof(replaceValue(tencentTimes), fc.constant(new Uint8Array(5000)))), {
		maxLength: 40,
	});
	await checkProperty(
		t,
		messages,
		async (each) => {
			const { clock, opened, message } = await session();
			for (const [topic, payload] of each) message(topic, payload);
			opened.disconnect();
			const now = clock.now() ?? 0;
			if (now < Date.UTC(2026, 0, 1) || now > Date.UTC(2100, 0, 2)) throw new Error(`it is ${now}`);
			const sizes: number[] = [];
			for (let kept = await opened.receive(); kept; kept = await opened.receive())
				sizes.push(kept.topic.length + kept.payload.length);
			const older = sizes.slice(0, -1).reduce((sum, size) => sum + size, 0);
			if (sizes.length > 16 || older > 8192 + 9040) throw new Error(`${sizes.length} messages, ${older} bytes`);
		},
		{
			runs: 1500,
			recorded: [
				recordedBytes("messages").map((payload) => [timeOf(plan).responseTopic, payload] as [string, Uint8Array]),
			],
		},
	);
});
