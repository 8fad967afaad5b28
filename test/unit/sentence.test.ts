import test from "ava";
import type { Code } from "dynreg/contracts/error";
import type { BoardEvent } from "dynreg/contracts/event";
import { Failure } from "dynreg/core/errors";
import { catalogue } from "dynreg/messages/catalogue";
import { type Report, sentence, withMessage } from "dynreg/messages/sentence";

test("every sentence of the catalogue is complete with its failure's values", (t) => {
	const values = { key: "psk", value: "1", server: "a.example:8883", vendorCode: 1, said: "no", names: ["one", "two"] };
	// Of a configuration, the schema has the rules: test/unit/configuration-schema.test.ts.
	for (const [code, { messages }] of Object.entries(catalogue).filter(([each]) => each !== "bad-configuration"))
		for (const reason of Object.keys(messages)) {
			const text = sentence({ phase: "register", code: code as Code, ...values, reason });
			t.regex(text, /^[A-Z].*[.)]$|^Unexpected error: no$|^a\.example/, `${code} ${reason}`);
			t.notRegex(text, /undefined|\b(HOST|KEY|NAMES|NUMBER|REFUSAL|SAID|SERVER|VALUE)\b/, `${code} ${reason}`);
		}
});

test("a value that looks like the name of one stays as it is", (t) => {
	const said = "SERVER NUMBER";
	t.is(sentence({ phase: "session", code: "unexpected", said }), "Unexpected error: SERVER NUMBER");
});

test("a code has a sentence by reason, cloud, number and server", (t) => {
	const told = (code: Code, values: Omit<Report, "phase" | "code">) => sentence({ phase: "connect", code, ...values });
	const server = "broker.example:8883";
	t.regex(told("connection-lost", { server }), /^The connection to broker\.example:8883 was lost\./);
	t.regex(told("connection-lost", { reason: "gone" }), /^The connection to the broker is closed\./);
	t.regex(
		told("credential-refused", { connackCode: 4 }),
		/^The broker refused this device's credential \(CONNACK 4\)\./,
	);
	t.regex(told("credential-refused", { server }), /^broker\.example:8883 refused this device's certificate\./);
	t.is(
		told("http-status", { statusCode: 503 }),
		"The registration endpoint is overloaded (HTTP 503). The device retries by itself.",
	);
	t.regex(
		told("http-status", { statusCode: 404 }),
		/^The registration endpoint responded with HTTP 404\. Expected 200\./,
	);
	const busy = { cloud: "tencent", vendorCode: "RequestLimitExceeded.Device", said: "later" };
	t.is(
		told("registration-refused", busy),
		"The platform refused the registration (later, RequestLimitExceeded.Device). The platform is overloaded or limits the request rate. The device retries by itself.",
	);
	t.is(
		told("mqtt-refused", { cloud: "aliyun", connackCode: 1 }),
		"The platform refused the registration (CONNACK 1): the broker does not support MQTT 3.1.1. Check endpoints.register.",
	);
	t.regex(
		told("registration-refused", { cloud: "aliyun", vendorCode: 7, said: "no" }),
		/\(no, 7\): the meaning of this number is unknown\./,
	);
});

test("an error that says nothing of the cloud has the sentence of the configured one, where that differs", (t) => {
	const large = { phase: "register", code: "answer-too-large", server: "broker:8883" } as const;
	t.regex(
		sentence(large, { cloud: "aws" }),
		/^The response of broker:8883 .* An ESP8266 cannot register with AWS IoT\./,
	);
	for (const configuration of [undefined, {}, { cloud: "aliyun" }, { cloud: "unknown" }])
		t.regex(sentence(large, configuration), /another server\. Check the endpoint\.$/);
	const small = { phase: "store", code: "storage-too-small", bytes: 63 } as const;
	t.regex(sentence(small, { cloud: "aws" }), /Use an ESP32: an ESP8266 cannot/);
	t.regex(sentence(small, { cloud: "tencent" }), /authenticates by key/);
	t.regex(sentence({ phase: "session", code: "unexpected", said: "x" }, { cloud: "aws" }), /^Unexpected error: x$/);
});

test("a device that is newer than the catalogue is not misread", (t) => {
	const message = "This version of dynreg does not know the error. Update dynreg to the version of the firmware.";
	t.is(sentence({ phase: "register", code: "bad-answer", reason: "from-the-future" }), message);
	t.is(sentence({ phase: "register", code: "made-up" as Code }), message);
});

test("an event about a failure gets its sentence, and no other event", (t) => {
	const failed = {
		event: "failed",
		phase: "configuration",
		code: "bad-configuration",
		action: "needs-attention",
	} as const;
	const event = { ...failed, key: "keepAlive", reason: "invalid", value: '"x"' };
	const messageOf = (each: BoardEvent) => ("message" in each ? each.message : undefined) ?? "";
	t.deepEqual(withMessage(event, { cloud: "aliyun" }), {
		...event,
		message: 'keepAlive is invalid: "x". Expected a whole number from 30 to 1200.',
	});
	t.regex(messageOf(withMessage(event)), /Tencent Cloud: .* from 30 to 900\. Alibaba Cloud, .*: .* from 30 to 1200\./);
	t.regex(
		messageOf(withMessage({ ...event, factory: "fctry value" }, {})),
		/Alibaba Cloud.*: .* The value is from the factory partition "fctry"/,
	);
	const offline = { ...failed, event: "offline", phase: "session", code: "ordered", retryIn: 5 } as const;
	t.is(messageOf(withMessage(offline)), "A command at the board ended the session.");
	const boot = { event: "boot", device: "tencent/a/b" } as const;
	t.is(withMessage(boot), boot);
});

test("what a command has to say about a configuration file is its own sentence", (t) => {
	const said = "The configuration x is not JSON.";
	t.is(sentence({ phase: "configuration", code: "bad-configuration", said }), said);
	t.is(sentence({ phase: "configuration", code: "bad-configuration" }), "The configuration is invalid.");
});

test("a failure is short: code and values, and all that it enumerates may be logged", (t) => {
	const failure = new Failure("connect", "timeout", "retry", { server: "a:1" }, new Error("underneath"));
	t.is(String(failure), "Failure: timeout a:1");
	t.deepEqual({ ...failure }, { phase: "connect", code: "timeout", action: "retry", server: "a:1" } as never);
	t.is((failure.cause as Error).message, "underneath");
	t.is(failure.during("register").phase, "register");
	t.is(Failure.from(failure), failure);
	t.is(new Failure("session", "ordered", "retry").message, "ordered");
});
