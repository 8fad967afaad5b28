import test from "ava";
import { choice, endpoint, number, secret, text, webServer } from "dynreg/configuration/configuration";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";

function sentence(read: () => unknown): string {
	try {
		read();
	} catch (error) {
		if (error instanceof Failure && error.code === "bad-configuration" && error.action === "stop") return error.message;
		throw error;
	}
	throw new Error("it was accepted");
}

test("a text that follows the rule is returned as it is", (t) => {
	t.is(text({ productId: "ABC123" }, "productId", /^\w+$/, "letters"), "ABC123");
});

test("a text that breaks the rule is answered with the key, the rule and what was given", (t) => {
	t.is(
		sentence(() => text({ productId: "a b" }, "productId", /^\w+$/, "letters and digits")),
		'productId must be letters and digits; it is "a b".',
	);
	t.is(
		sentence(() => text({ productId: 7 }, "productId", /^\w+$/, "letters and digits")),
		"productId must be letters and digits; it is 7.",
	);
});

test("invariant 8: a long value in the wrong place, which may be a secret, is not shown", (t) => {
	const said = sentence(() => text({ productId: "not-a-real-secret" }, "productId", /^\w{1,10}$/, "1 to 10 letters"));
	t.is(said, "productId must be 1 to 10 letters; the one given has 17 characters.");
});

test("a value that is not there is called missing", (t) => {
	for (const configuration of [{}, { productId: "" }])
		t.is(
			sentence(() => text(configuration, "productId", /^\w+$/, "letters and digits")),
			"productId must be letters and digits; it is missing.",
		);
});

test("a secret is wrapped, and a wrong one is described but not shown", (t) => {
	t.is(secret({ s: "0123456789abcdef" }, "s", /^.{16}$/, "16 characters").reveal(), "0123456789abcdef");
	const said = sentence(() => secret({ s: "too-short" }, "s", /^.{16}$/, "16 characters"));
	t.is(said, "s must be 16 characters; the one given has 9 characters.");
	for (const configuration of [{}, { s: "" }, { s: 12 }])
		t.is(
			sentence(() => secret(configuration, "s", /^.{16}$/, "16 characters")),
			"s must be 16 characters; it is missing.",
		);
});

test("a choice is one of those named, the first unless another is given", (t) => {
	t.is(choice({}, "region", ["china", "europe"]), "china");
	t.is(choice({ region: "europe" }, "region", ["china", "europe"]), "europe");
	t.is(
		sentence(() => choice({ region: "mars" }, "region", ["china", "europe"])),
		'region must be one of china, europe; it is "mars".',
	);
});

test("a number may come as text, as it does from the mcconfig command line", (t) => {
	t.is(number({}, "spread", 0, 10, 3), 3);
	t.is(number({ spread: 0 }, "spread", 0, 10, 3), 0);
	t.is(number({ spread: "10" }, "spread", 0, 10, 3), 10);
});

test("a number outside its range, broken or of another kind is refused", (t) => {
	for (const spread of [-1, 11, 1.5, "", "soon", true, Number.NaN])
		t.true(
			sentence(() => number({ spread }, "spread", 0, 10, 3)).startsWith("spread must be a whole number from 0 to 10; "),
		);
});

const register = (configuration: RawConfiguration) =>
	endpoint(configuration, "register", "https", 443, 80, "https://gateway.example");

test("an endpoint comes from the configuration or else from the default, with the scheme's port", (t) => {
	t.deepEqual(register({}), { secure: true, host: "gateway.example", port: 443, trust: ["public"] });
	t.deepEqual(register({ endpoints: { mqtt: "x" } }).host, "gateway.example");
	t.deepEqual(
		register({ "endpoints.register": "https://flat.example", endpoints: { register: "https://nested.example" } }).host,
		"flat.example",
	);
	t.deepEqual(register({ endpoints: { register: "https://127.0.0.1:8443/" } }), {
		secure: true,
		host: "127.0.0.1",
		port: 8443,
		trust: ["public"],
	});
});

test("endpoints that are no object, or have another name in them, are refused and not passed over", (t) => {
	for (const endpoints of ["https://x", null, { registr: "https://x" }, 5])
		t.regex(
			sentence(() => register({ endpoints })),
			/^endpoints must be \{"register": …, "mqtt": …\}; it is /,
		);
});

test("an endpoint carries the configured certificate authority", (t) => {
	for (const [ca, trust] of [
		[undefined, ["public"]],
		["ca.pem", ["ca.pem"]],
		["ca.pem,next.pem", ["ca.pem", "next.pem"]],
		[
			["ca.pem", "public"],
			["ca.pem", "public"],
		],
	] as const)
		t.deepEqual(register({ ca }).trust, trust);
	for (const ca of ["", "a,,b", [], [5], 5.5, null])
		t.regex(
			sentence(() => register({ ca })),
			/^ca must be the name of a certificate file, or a list of them; it is /,
		);
});

test("invariant 9: a plain endpoint is refused without the option that calls itself dangerous", (t) => {
	const endpoints = { register: "http://localhost" };
	t.regex(
		sentence(() => register({ endpoints })),
		/^endpoints\.register must be https:.* in the clear.*needs dangerouslyAllowPlain: true\.$/,
	);
	for (const dangerouslyAllowPlain of [true, "true"])
		t.deepEqual(register({ endpoints, dangerouslyAllowPlain }), {
			secure: false,
			host: "localhost",
			port: 80,
			trust: ["public"],
		});
	t.throws(() => register({ endpoints, dangerouslyAllowPlain: false }));
});

test("an endpoint that is no URL of the right scheme is refused with the form it must have", (t) => {
	for (const given of [
		"",
		"localhost",
		"ftp://x",
		"https://",
		"https://a b",
		"https://x:70000",
		"https://x:0",
		"https://x/path",
		5,
	])
		t.regex(
			sentence(() => register({ endpoints: { register: given } })),
			/^endpoints\.register must be https:\/\/host or https:\/\/host:port; it is /,
		);
});

test("a web server for the date is plain, and none is none", (t) => {
	t.is(webServer({}, "dateFrom"), undefined);
	t.is(webServer({ dateFrom: "" }, "dateFrom"), undefined);
	const server = { secure: false, host: "time.example", port: 80, trust: [] };
	t.deepEqual(webServer({ dateFrom: "http://time.example" }, "dateFrom"), server);
	t.deepEqual(webServer({ dateFrom: "http://time.example:8080/" }, "dateFrom"), { ...server, port: 8080 });
	for (const dateFrom of ["https://time.example", "time.example", "http://", "http://a/b", 5])
		t.is(
			sentence(() => webServer({ dateFrom }, "dateFrom")),
			`dateFrom must be http://host or http://host:port; it is ${JSON.stringify(dateFrom)}.`,
		);
});

test("invariant 8: what may hold a secret is described, not shown, whichever key it stands in", (t) => {
	const long = "SampleSecretOfTheTests01";
	for (const [value, said] of [
		[long, "the one given has 24 characters"],
		[`https://user:${long}@example.org`, "the one given has 49 characters"],
		[{ [long]: long }, "it is an object"],
		[[long], "it is a list"],
		["https://registration.example:8443", 'it is "https://registration.example:8443"'],
		[{ toString: 1 }, "it is an object"],
	] as const) {
		t.is(
			sentence(() => choice({ region: value }, "region", ["china"])),
			`region must be one of china; ${said}.`,
		);
		t.true(sentence(() => webServer({ dateFrom: value }, "dateFrom")).includes(said));
	}
	t.regex(
		sentence(() => register({ endpoints: { register: "http://x" }, dangerouslyAllowPlain: { toString: 1 } })),
		/needs dangerouslyAllowPlain: true/,
	);
});
