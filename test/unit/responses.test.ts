import test from "ava";
import { badResponse, parseResponse, toObject, vendorMessage } from "dynreg/clouds/responses";
import type { HttpResponse } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { sentence } from "dynreg/messages/sentence";
import { crypto } from "../support/node-crypto.js";

function failure(reply: HttpResponse): Failure {
	try {
		parseResponse(reply, crypto);
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error("it was accepted");
}

const body = (text: string) => crypto.utf8(text);

test("a JSON object with status 200 is the response", (t) => {
	t.deepEqual(parseResponse({ status: 200, body: body('{"a":1}') }, crypto), { a: 1 });
});

test("anything but a JSON object is bad-answer, with a hint at login pages", (t) => {
	for (const text of ["", "<html>", '{"a":'])
		t.regex(
			sentence(failure({ status: 200, body: body(text) })),
			/response is not JSON\. A log-in page or a proxy may have responded\./,
		);
	for (const text of ["null", "[]", "1", '"a"'])
		t.is(
			sentence(failure({ status: 200, body: body(text) })),
			"The registration endpoint's response is not a JSON object. Check endpoints.register.",
		);
	t.is(failure({ status: 200, body: Uint8Array.of(0x7b, 0xff, 0x7d) }).code, "bad-answer");
});

test("bad-answer is retryable", (t) => {
	t.like(badResponse("odd"), { phase: "register", code: "bad-answer", action: "retry" });
	t.throws(() => toObject(undefined), { instanceOf: Failure });
});

test("another status is reported with its number and what to check", (t) => {
	const error = failure({ status: 404, body: body("{}") });
	t.like(error, { phase: "register", code: "http-status", action: "retry", statusCode: 404, retryAfter: undefined });
	t.regex(sentence(error), /HTTP 404\. Expected 200\. Check endpoints\.register/);
});

test("an overloaded server is waited for", (t) => {
	for (const status of [429, 503])
		t.like(failure({ status, body: body("") }), { action: "wait", statusCode: status, retryAfter: undefined });
});

test("Retry-After in seconds is honoured, on any status", (t) => {
	t.is(failure({ status: 503, body: body(""), retryAfter: "120" }).retryAfter, 120);
	t.is(failure({ status: 500, body: body(""), retryAfter: "7" }).retryAfter, 7);
});

test("Retry-After as a date is set against the server's own clock, not the board's", (t) => {
	const date = "Sun, 22 Nov 2026 10:00:00 GMT";
	const retryAfter = "Sun, 22 Nov 2026 10:02:00 GMT";
	t.is(failure({ status: 503, body: body(""), retryAfter, date }).retryAfter, 120);
	t.is(failure({ status: 503, body: body(""), retryAfter }).retryAfter, undefined);
	t.is(failure({ status: 503, body: body(""), retryAfter: date, date: retryAfter }).retryAfter, undefined);
});

test("Retry-After that means nothing is ignored", (t) => {
	for (const retryAfter of ["soon", "-5", "0", ""])
		t.is(failure({ status: 503, body: body(""), retryAfter }).retryAfter, undefined);
});

test("the platform's message is shortened and stripped of secrets", (t) => {
	const secret = new Secret("SampleSecretOfTheTests01");
	t.is(vendorMessage("no such thing", secret), "no such thing");
	t.is(vendorMessage(6289, secret), "6289");
	t.is(vendorMessage(`signed with ${secret.reveal()}?`, secret), "signed with [secret]?");
	t.is(vendorMessage("x".repeat(5000), secret), `${"x".repeat(200)}…`);
	for (const none of [undefined, null, { toString: 1 }, ["x"], true]) t.is(vendorMessage(none, secret), undefined);
});
