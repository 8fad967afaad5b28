/** Registration over MQTT, whose answer is pushed: what the board makes of all that may come instead. */

import { startCloud } from "@dynreg/cloud";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Mqtt, MqttEvents } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { openVault } from "dynreg/credential-store/vault";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { closeSession, startTestBoard } from "./board-with-real-cloud.js";

const productKey = "unitKey0001";
const productSecret = "SampleSecretOfTheTests01";
const deviceName = "board-1";
/** Milliseconds that a board waits for the push. */
const pushDeadline = 10_000;

/** @param change what the board's MQTT port does otherwise while it registers */
async function register(change: (events: MqttEvents) => Partial<MqttEvents>, untilCode?: string) {
	const cloud = await startCloud();
	cloud.administration.putProduct("aliyun", productKey, { secret: productSecret, registration: "free" });
	const flash = new InMemoryFlash(4000);
	const board = startTestBoard(
		{
			cloud: "aliyun",
			productKey,
			productSecret,
			deviceName,
			authType: "regnwl",
			endpoints: { mqtt: cloud.urls.mqtts },
			ca: cloud.ca,
			startupJitter: 0,
		},
		{
			flash,
			application: closeSession,
			// The one timer that runs beside something else; it fires only where it is to.
			onSleep: (number, { sleeps }) =>
				sleeps[number - 1] === pushDeadline &&
				new Promise((resolve) => untilCode === "timeout" && setTimeout(resolve, 400)),
			ports: ({ mqtt }) => ({ mqtt: changed(mqtt, change) }),
		},
	);
	if (untilCode === undefined) await board.ended;
	else await board.until((event) => event.event === "failed" && event.code === untilCode);
	const requests = cloud.administration.requests().map(({ operation, verdict }) => `${operation} ${verdict}`);
	board.off();
	await cloud.close();
	return { events: board.events, flash, requests, timersLeft: board.timersLeft };
}

function changed(mqtt: Mqtt, change: (events: MqttEvents) => Partial<MqttEvents>): Mqtt {
	return {
		connect(options, events, deadline) {
			const registering = options.clientId.includes("authType=regnwl");
			return mqtt.connect(options, registering ? changedEvents(events, change) : events, deadline);
		},
	};
}

/** Events of which some are changed, whatever their object keeps. */
function changedEvents(events: MqttEvents, change: (events: MqttEvents) => Partial<MqttEvents>): MqttEvents {
	const { message, closed } = events;
	const bound = { message: message.bind(events), closed: closed.bind(events) };
	return { ...bound, ...change(bound) };
}

const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);

test("the pushed response is stored, and its credential connects", async (t) => {
	const { events, flash, requests, timersLeft } = await register(() => ({}));
	t.deepEqual(names(events), ["boot", "registering", "registered", "stored", "connecting", "online"]);
	t.is(openVault(flash, crypto, `aliyun/${productKey}/${deviceName}`).load()?.credential.kind, "token");
	t.deepEqual(
		requests.filter((request) => /^(register|connect)\b/.test(request)),
		["register/regnwl accepted", "connect accepted"],
	);
	t.is(timersLeft, 0, "the deadline of the response is cancelled");
});

test("other messages are ignored", async (t) => {
	const { events } = await register(({ message }) => ({
		message(topic, payload) {
			message("/sys/unitKey0001/board-1/thing/service/property/set", crypto.utf8("{}"));
			message(topic, payload);
		},
	}));
	t.is(events.at(-1)?.event, "online");
});

test("invariant 4: an invalid pushed response writes nothing to flash", async (t) => {
	const { events, flash } = await register(
		({ message }) => ({ message: (topic) => message(topic, crypto.utf8('{"deviceName":"board-1"}')) }),
		"bad-answer",
	);
	t.like(events.at(-1), { phase: "register", action: "retry" });
	t.is(flash.steps, 0);
});

test("a missing response is a timeout of the registration", async (t) => {
	const { events, flash } = await register(() => ({ message() {} }), "timeout");
	t.like(events.at(-1), { phase: "register", action: "retry" });
	t.is(flash.steps, 0);
});

test("a connection lost before the response is a registration failure", async (t) => {
	const { events, flash } = await register(({ closed }) => {
		const lost = new Failure("session", "connection-lost", "retry", { said: "cut" });
		return { message: () => closed(lost) };
	}, "connection-lost");
	t.like(events.at(-1), { phase: "register", action: "retry" });
	t.is(flash.steps, 0);
});
