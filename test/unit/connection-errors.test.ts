import test from "ava";
import {
	badMessage,
	connectionError,
	noTrustAnchor,
	queueFull,
	rejected,
	subscribeRefused,
	unusableCertificate,
} from "dynreg/core/connection-errors";
import { sentence } from "dynreg/messages/sentence";

const endpoint = { secure: true, host: "broker.example", port: 8883, trust: ["one", "two"] };

test("a failure names the server, and carries what was underneath", (t) => {
	const told = connectionError("connect", endpoint, "connect-failed", "refused");
	t.is(`${told.phase} ${told.code} ${told.action}`, "connect connect-failed retry");
	t.true(sentence(told).includes("broker.example:8883"));
	t.is(told.cause, "refused");
	t.true(
		sentence(connectionError("register", endpoint, "dns-failed")).includes(
			"The host name broker.example cannot be resolved.",
		),
	);
});

test("CAs that cannot be loaded are named only where they may be the server's", (t) => {
	for (const trouble of ["certificate-untrusted", "certificate-incomplete"] as const) {
		t.regex(
			sentence(connectionError("connect", endpoint, trouble, undefined, ["one", "two"])),
			/These authorities cannot be loaded: one, two\./,
		);
		t.notRegex(sentence(connectionError("connect", endpoint, trouble)), /cannot be loaded/);
	}
	for (const trouble of ["certificate-expired", "certificate-weak", "certificate-wrong-name", "tls-failed"] as const)
		t.notRegex(sentence(connectionError("connect", endpoint, trouble, undefined, ["one"])), /cannot be loaded/);
});

test("the alert of a server is part of the failure, and has a sentence of its own where its meaning is known", (t) => {
	for (const [alert, words] of [
		[40, /handshake_failure.*ECDHE with AES-128-GCM/],
		[70, /TLS 1\.2 only.*Enable TLS 1\.2/],
		[71, /insufficient_security/],
		[112, /no certificate for this host name/],
		[80, /The TLS handshake with broker\.example:8883 failed/],
	] as const) {
		const error = connectionError("connect", endpoint, "tls-failed", undefined, [], alert);
		t.is(error.alert, alert);
		t.regex(sentence(error), words);
	}
	t.is(connectionError("connect", endpoint, "tls-failed").alert, undefined);
});

test("what only a person can fix needs attention", (t) => {
	for (const [told, code] of [
		[noTrustAnchor("register", ["one", "two"], "gone"), "certificate-untrusted"],
		[unusableCertificate("no key"), "tls-failed"],
		[connectionError("connect", endpoint, "certificate-weak"), "certificate-weak"],
		[connectionError("connect", endpoint, "certificate-incomplete"), "certificate-incomplete"],
	] as const) {
		t.is(told.code, code);
		t.is(told.action, "needs-attention");
	}
	t.regex(sentence(noTrustAnchor("register", ["one", "two"], "gone")), /\(one, two\)/);
	t.is(noTrustAnchor("register", ["empty.pem"], undefined).reason, "no-certificate");
});

test("a refused subscription, an invalid message and a full queue have sentences that name the topic or the size", (t) => {
	t.regex(sentence(subscribeRefused("P/d/control")), /subscription to P\/d\/control .*128.* Check the topic/);
	t.regex(sentence(badMessage("topic", { value: "a/#" })), /Its topic "a\/#" is empty or contains/);
	t.regex(sentence(badMessage("filter", { value: "a#" })), /topic filter "a#" is invalid/);
	t.regex(sentence(badMessage("too-large", { bytes: 20_000 })), /20000 bytes, more than this device can send/);
	t.regex(sentence(queueFull()), /Await each publish/);
});

test("a rejected promise that is ignored is no unhandled rejection", async (t) => {
	const unhandled: unknown[] = [];
	const listener = (reason: unknown) => unhandled.push(reason);
	process.on("unhandledRejection", listener);
	const promise = rejected(queueFull());
	await new Promise((resolve) => setTimeout(resolve, 20));
	process.off("unhandledRejection", listener);
	t.deepEqual(unhandled, []);
	await t.throwsAsync(promise);
});
