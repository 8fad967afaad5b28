/** Registrations of more than one step, over HTTP and over one MQTT connection. */

import test from "ava";
import type { Exchange, HttpExchange, MqttExchange, MqttStep } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import type { Host, MqttEvents, PublishOptions, SubscribeOptions } from "dynreg/contracts/host";
import { subscribeRefused } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { register } from "dynreg/registration";

const credential: Credential = { kind: "key", secret: new Secret("an-issued-key") };
const endpoint = { secure: true, host: "broker", port: 8883, trust: [] };
const empty = new Uint8Array(0);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A host on which everything that a registration does is written down, and happens when the test says so. */
function scripted(exchange: Exchange) {
	const calls: string[] = [];
	const timers: { readonly duration: number; readonly action: () => void }[] = [];
	let events: MqttEvents | undefined;
	const granted: (() => void)[] = [];
	const refused: ((failure: Failure) => void)[] = [];
	const connection = {
		publish: async (topic: string, payload: string, options?: PublishOptions) => {
			calls.push(`publish ${topic} ${payload} ${options?.qos}`);
		},
		subscribe(filter: string, options?: SubscribeOptions) {
			calls.push(`subscribe ${filter} ${options?.qos}`);
			const answer = new Promise<number>((resolve, reject) => {
				granted.push(() => resolve(1));
				refused.push(reject);
			});
			answer.catch(() => {});
			return answer;
		},
		close: () => calls.push("close"),
	};
	const host = {
		timers: {
			after(duration: number, action: () => void) {
				const timer = { duration, action };
				timers.push(timer);
				return () => {
					if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
				};
			},
		},
		http: {
			async request({ path }: { path: string }) {
				calls.push(path);
				return { status: 200, body: empty };
			},
		},
		mqtt: {
			async connect(_: unknown, given: MqttEvents) {
				events = given;
				calls.push("connect");
				return connection;
			},
		},
	} as unknown as Host;
	const outcome = register(host, exchange);
	outcome.catch(() => {});
	return {
		calls,
		outcome,
		durations: () => timers.map(({ duration }) => duration),
		async fire() {
			timers.shift()?.action();
			await settled();
		},
		async grant() {
			granted.shift()?.();
			await settled();
		},
		async refuse(failure: Failure) {
			events?.refused?.(failure);
			refused.shift()?.(failure);
			await settled();
		},
		async message(topic: string) {
			events?.message(topic, empty);
			await settled();
		},
		async close(failure: Failure) {
			events?.closed(failure);
			await settled();
		},
	};
}

const over = (step: MqttStep): MqttExchange => ({
	connect: { endpoint, clientId: "board", username: "", keepAlive: 60 },
	connackError: () => new Failure("register", "mqtt-refused", "retry"),
	...step,
});

/** Two steps; the second one waits three seconds first. */
const twoSteps: MqttStep = {
	subscribe: ["create/accepted", "create/rejected"],
	publish: { topic: "create", payload: "{}" },
	accept(topic) {
		if (topic === "create/rejected") throw new Failure("register", "registration-refused", "needs-attention");
		return topic === "create/accepted" ? secondStep : undefined;
	},
};
const secondStep: MqttStep = {
	pause: 3000,
	subscribe: ["provision/accepted"],
	publish: { topic: "provision", payload: "token" },
	accept: (topic) => (topic === "provision/accepted" ? credential : undefined),
};

test("over MQTT, each step subscribes, waits until that is granted, publishes, and passes on to the next", async (t) => {
	const { calls, outcome, durations, fire, grant, message } = scripted(over(twoSteps));
	await settled();
	t.deepEqual(calls.splice(0), ["connect", "subscribe create/accepted 1", "subscribe create/rejected 1"]);
	await message("another");
	await grant();
	t.deepEqual(calls.splice(0), [], "the last subscription is not granted yet");
	await grant();
	t.deepEqual(calls.splice(0), ["publish create {} 1"]);
	t.deepEqual(durations(), [10_000]);
	await message("create/accepted");
	t.deepEqual(durations(), [3000], "only the pause");
	t.deepEqual(calls, []);
	await fire();
	t.deepEqual(calls.splice(0), ["subscribe provision/accepted 1"]);
	t.deepEqual(durations(), [10_000]);
	await grant();
	t.deepEqual(calls.splice(0), ["publish provision token 1"]);
	await message("create/accepted");
	await message("provision/accepted");
	t.is(await outcome, credential);
	t.deepEqual(calls, ["close"]);
	t.deepEqual(durations(), []);
});

test("invariant 5: what comes after the response changes nothing", async (t) => {
	const { calls, outcome, durations, grant, message, fire, close } = scripted(over(twoSteps));
	await settled();
	for (let count = 0; count < 2; count++) await grant();
	await message("create/accepted");
	await fire();
	await grant();
	await message("provision/accepted");
	await message("provision/accepted");
	await message("create/rejected");
	await close(new Failure("session", "connection-lost", "retry"));
	t.is(await outcome, credential);
	t.deepEqual(durations(), []);
	t.is(calls.filter((call) => call === "close").length, 1);
});

test("a broker that publishes at once, before the connection has been handed over, misses no step", async (t) => {
	let events: MqttEvents | undefined;
	const published: string[] = [];
	const host = {
		timers: { after: () => () => {} },
		mqtt: {
			connect(_: unknown, given: MqttEvents) {
				events = given;
				return Promise.resolve({
					publish: async (topic: string) => void published.push(topic),
					close() {},
				}).then((connection) => {
					given.message("at once", empty);
					return connection;
				});
			},
		},
	} as unknown as Host;
	const outcome = register(
		host,
		over({
			accept: (topic) =>
				topic === "at once" ? { publish: { topic: "next", payload: "" }, accept: () => credential } : undefined,
		}),
	);
	await settled();
	t.deepEqual(published, ["next"]);
	events?.message("any", empty);
	t.is(await outcome, credential);
});

for (const [what, code, end] of [
	["the broker refuses a subscription", "subscribe-refused", "refuse"],
	["the connection is lost", "connection-lost", "close"],
	["no response comes", "timeout", "fire"],
	["the platform refuses", "registration-refused", "message"],
] as const)
	test(`over MQTT, registration fails and leaves nothing behind if ${what}`, async (t) => {
		const script = scripted(over(twoSteps));
		await settled();
		if (end === "refuse") await script.refuse(subscribeRefused("create/rejected"));
		else for (let count = 0; count < 2; count++) await script.grant();
		if (end === "close") await script.close(new Failure("session", "connection-lost", "retry"));
		if (end === "fire") await script.fire();
		if (end === "message") await script.message("create/rejected");
		t.like(await t.throwsAsync<Failure>(script.outcome), { code });
		t.deepEqual(script.durations(), []);
		t.is(script.calls.at(-1), "close");
	});

test("over HTTP, the next request follows after its pause", async (t) => {
	const request = (path: string) =>
		({ endpoint, method: "GET", path, headers: [], body: "", maxResponseBytes: 1000 }) as const;
	const last: HttpExchange = { request: request("/third"), accept: () => credential };
	const second: HttpExchange = { pause: 2000, request: request("/second"), accept: () => last };
	const { calls, outcome, durations, fire } = scripted({ request: request("/first"), accept: () => second });
	await settled();
	t.deepEqual(calls, ["/first"]);
	t.deepEqual(durations(), [2000]);
	await fire();
	t.deepEqual(calls, ["/first", "/second"]);
	t.deepEqual(durations(), [0]);
	await fire();
	t.is(await outcome, credential);
	t.deepEqual(calls, ["/first", "/second", "/third"]);
	t.deepEqual(durations(), []);
});
