import test from "ava";
import {
	choice,
	endpoint,
	number,
	productSecret,
	requireProductSecret,
	text,
	webServer,
} from "dynreg/configuration/readers";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";

/** What a reader throws. */
function mistake(read: () => unknown): string {
	try {
		read();
	} catch (error) {
		if (error instanceof Failure && error.code === "bad-configuration" && error.action === "needs-attention")
			return error.message.replace("bad-configuration ", "");
		throw error;
	}
	throw new Error("it was accepted");
}

const productId = (value: unknown) => text({ productId: value }, "productId", 1, 10);

test("a text that follows the rule is returned as it is", (t) => {
	for (const value of ["ABC123", "z", "0123456789"]) t.is(productId(value), value);
	t.is(text({ name: "a-b_c" }, "name", 5, 5, "_-"), "a-b_c");
	t.is(text({}, "name", 1, 9, "", "default"), "default");
	t.is(text({ name: "own" }, "name", 1, 9, "", "default"), "own");
});

test("an invalid text is reported with key and value", (t) => {
	t.is(
		mistake(() => productId("a b")),
		'productId invalid "a b"',
	);
	t.is(
		mistake(() => productId(7)),
		"productId invalid 7",
	);
	t.is(
		mistake(() => productId(true)),
		"productId invalid true",
	);
	t.is(
		mistake(() => productId("01234567890")),
		'productId invalid "01234567890"',
	);
	t.is(
		mistake(() => text({ name: "a" }, "name", 2, 5)),
		'name invalid "a"',
	);
	for (const character of "-_@:\u00e9\u6f22\n\0 ") t.throws(() => productId(character));
});

test("invariant 8: a long value in the wrong key is not shown", (t) => {
	t.is(
		mistake(() => productId("not-a-real-secret")),
		"productId invalid #17",
	);
});

test("a value that is not there is called missing", (t) => {
	for (const value of [undefined, ""])
		t.is(
			mistake(() => productId(value)),
			"productId missing",
		);
});

test("a secret is wrapped, and a wrong one is described but not shown", (t) => {
	const secret = (value: unknown, least = 16) => productSecret({ productSecret: value }, least);
	t.is(secret("0123456789abcde~")?.reveal(), "0123456789abcde~");
	t.is(secret("!".repeat(64))?.reveal(), "!".repeat(64));
	t.is(
		mistake(() => secret("too-short")),
		"productSecret invalid #9",
	);
	for (const value of ["a".repeat(65), "with a space in it", "with-a-\u00e9-in-it-123", "with-a-\x7f-in-it-123"])
		t.is(
			mistake(() => secret(value)),
			`productSecret invalid #${value.length}`,
		);
	for (const value of [12, ["secret"], { toString: 1 }])
		t.is(
			mistake(() => secret(value)),
			"productSecret invalid",
		);
});

test("a secret may be absent; registering requires it", (t) => {
	for (const value of [undefined, "", null]) t.is(productSecret({ productSecret: value }, 1), undefined);
	for (const value of [false, 0])
		t.is(
			mistake(() => productSecret({ productSecret: value }, 1)),
			"productSecret invalid",
		);
	const error = t.throws(() => requireProductSecret(undefined), { instanceOf: Failure });
	t.is(`${error?.phase} ${error?.message}`, "register bad-configuration productSecret missing");
	const secret = productSecret({ productSecret: "s" }, 1);
	t.is(requireProductSecret(secret), secret as NonNullable<typeof secret>);
});

test("a choice is one of those named, the first unless another is given", (t) => {
	t.is(choice({}, "region", "china europe"), "china");
	t.is(choice({ region: "europe" }, "region", "china europe"), "europe");
	t.is(
		mistake(() => choice({ region: "mars" }, "region", "china europe")),
		'region invalid "mars"',
	);
	for (const region of ["china europe", "chin", "", " ", 0, ["china"]])
		t.throws(() => choice({ region }, "region", "china europe"), {
			message: /^bad-configuration region (invalid |missing$)/,
		});
});

test("a number may come as text, as it does from the mcconfig command line", (t) => {
	t.is(number({}, "startupJitter", 0, 10, 3), 3);
	t.is(number({ startupJitter: 0 }, "startupJitter", 0, 10, 3), 0);
	t.is(number({ startupJitter: "10" }, "startupJitter", 0, 10, 3), 10);
});

test("a number outside its range, broken or of another kind is refused", (t) => {
	for (const startupJitter of [-1, 11, 1.5, "", "soon", true, Number.NaN])
		t.true(
			/^startupJitter (invalid |missing$)/.test(mistake(() => number({ startupJitter }, "startupJitter", 0, 10, 3))),
		);
});

const register = (configuration: RawConfiguration) =>
	endpoint(configuration, "register", "https://gateway.example:443");

test("an endpoint is configured or default, with the scheme's port", (t) => {
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

test("endpoints that are no object or have unknown names are refused", (t) => {
	for (const endpoints of ["https://x", [], 5])
		t.regex(
			mistake(() => register({ endpoints })),
			/^endpoints invalid /,
		);
	t.is(
		mistake(() => register({ endpoints: { registr: "https://x" } })),
		"endpoints unknown",
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
	t.deepEqual(register({ ca: null }).trust, ["public"]);
	for (const ca of ["", "a,,b", [], [5], 5.5])
		t.regex(
			mistake(() => register({ ca })),
			/^ca (invalid |missing$)/,
		);
});

test("invariant 9: a plain endpoint needs the dangerous option", (t) => {
	const endpoints = { register: "http://localhost" };
	t.regex(
		mistake(() => register({ endpoints })),
		/^endpoints\.register plain$/,
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

test("a default that is no address is refused like one that is configured", (t) => {
	t.regex(
		mistake(() => endpoint({}, "register", "https://:443")),
		/^endpoints\.register invalid /,
	);
});

test("an endpoint with another form or scheme is refused", (t) => {
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
			mistake(() => register({ endpoints: { register: given } })),
			/^endpoints\.register (invalid |missing$)/,
		);
});

test("a web server for the date is plain, and none is none", (t) => {
	t.is(webServer({}, "httpTimeServer"), undefined);
	t.is(webServer({ httpTimeServer: "" }, "httpTimeServer"), undefined);
	const server = { secure: false, host: "time.example", port: 80, trust: [] };
	t.deepEqual(webServer({ httpTimeServer: "http://time.example" }, "httpTimeServer"), server);
	t.deepEqual(webServer({ httpTimeServer: "http://time.example:8080/" }, "httpTimeServer"), { ...server, port: 8080 });
	for (const httpTimeServer of ["https://time.example", "time.example", "http://", "http://a/b", 5])
		t.is(
			mistake(() => webServer({ httpTimeServer }, "httpTimeServer")),
			`httpTimeServer invalid ${JSON.stringify(httpTimeServer)}`,
		);
});

test("invariant 8: possible secrets are described, not shown, in any key", (t) => {
	const long = "SampleSecretOfTheTests01";
	for (const [value, said] of [
		[long, "#24"],
		[`https://user:${long}@example.org`, "#49"],
		[`https://example.org/${long}`, "#44"],
		[`${long}://example.org`, "#38"],
		[{ [long]: long }, "{}"],
		[[long], "[]"],
		["https://registration.example:8443", '"https://registration.example:8443"'],
		["https://registration.example:8443/", '"https://registration.example:8443/"'],
		[{ toString: 1 }, "{}"],
	] as const) {
		t.is(
			mistake(() => choice({ region: value }, "region", "china")),
			`region invalid ${said}`,
		);
		t.true(mistake(() => webServer({ httpTimeServer: value }, "httpTimeServer")).includes(said));
	}
	t.is(
		mistake(() => register({ endpoints: { register: "http://x" }, dangerouslyAllowPlain: { toString: 1 } })),
		"endpoints.register plain",
	);
});
