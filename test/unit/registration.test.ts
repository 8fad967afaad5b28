/** Registration over MQTT, whose answer is pushed: what the board makes of all that may come instead. */

import { startCloud } from "@dynreg/cloud";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Mqtt, MqttEvents } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { openVault } from "dynreg/credential-store/vault";
import { Flash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { closeAtOnce, switchOn } from "./bench.js";

const productKey = "unitKey0001";
const productSecret = "SampleSecretOfTheTests01";
const deviceName = "board-1";
/** Milliseconds that a board waits for the push. */
const pushDeadline = 10_000;

/** @param change what the board's MQTT port does otherwise while it registers */
async function register(change: (events: MqttEvents) => Partial<MqttEvents>, untilCode?: string) {
	const cloud = await startCloud();
	cloud.administration.putProduct("aliyun", productKey, { secret: productSecret, registration: "free" });
	const flash = new Flash(4000);
	const board = switchOn(
		{
			cloud: "aliyun",
			productKey,
			productSecret,
			deviceName,
			authType: "regnwl",
			endpoints: { mqtt: cloud.urls.mqtts },
			ca: cloud.ca,
			spread: 0,
		},
		{
			flash,
			application: closeAtOnce,
			// The one sleep that runs beside something else.
			asleep: (number, { sleeps }) =>
				sleeps[number - 1] === pushDeadline && new Promise((resolve) => setTimeout(resolve, 400)),
			ports: ({ mqtt }) => ({ mqtt: changed(mqtt, change) }),
		},
	);
	if (untilCode === undefined) await board.ended;
	else await board.until((event) => event.event === "failed" && event.code === untilCode);
	const requests = cloud.administration.requests().map(({ operation, verdict }) => `${operation} ${verdict}`);
	board.off();
	await cloud.close();
	return { events: board.events, flash, requests };
}

function changed(mqtt: Mqtt, change: (events: MqttEvents) => Partial<MqttEvents>): Mqtt {
	return {
		connect(options, events, deadline) {
			const registering = options.clientId.includes("authType=regnwl");
			return mqtt.connect(options, registering ? { ...events, ...change(events) } : events, deadline);
		},
	};
}

const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);

test("the pushed answer is stored, and its credential connects", async (t) => {
	const { events, flash, requests } = await register(() => ({}));
	t.deepEqual(names(events), ["boot", "registering", "registered", "stored", "connecting", "online"]);
	t.is(openVault(flash, crypto, `aliyun/${productKey}/${deviceName}`).load()?.credential.kind, "token");
	t.deepEqual(
		requests.filter((request) => /^(register|connect)\b/.test(request)),
		["register/regnwl accepted", "connect accepted"],
	);
});

test("messages that are not the answer are passed over", async (t) => {
	const { events } = await register(({ message }) => ({
		message(topic, payload) {
			message("/sys/unitKey0001/board-1/thing/service/property/set", crypto.utf8("{}"));
			message(topic, payload);
		},
	}));
	t.is(events.at(-1)?.event, "online");
});

test("invariant 4: a pushed answer that is none writes nothing to flash", async (t) => {
	const { events, flash } = await register(
		({ message }) => ({ message: (topic) => message(topic, crypto.utf8('{"deviceName":"board-1"}')) }),
		"bad-answer",
	);
	t.like(events.at(-1), { phase: "register", action: "retry" });
	t.is(flash.steps, 0);
});

test("an answer that does not come is a timeout of the registration", async (t) => {
	const { events, flash } = await register(() => ({ message() {} }), "timeout");
	t.like(events.at(-1), { phase: "register", action: "retry" });
	t.is(flash.steps, 0);
});

test("a connection that is lost before the answer is a failure of the registration", async (t) => {
	const { events, flash } = await register(({ closed }) => {
		const lost = new Failure("session", "connection-lost", "retry", { said: "cut" });
		return { message: () => closed(lost) };
	}, "connection-lost");
	t.like(events.at(-1), { phase: "register", action: "retry" });
	t.is(flash.steps, 0);
});
