import test from "ava";
import { failure, noAuthority, unusableCertificate } from "dynreg/core/connection-errors";
import { sentence } from "dynreg/messages/sentence";

const endpoint = { secure: true, host: "broker.example", port: 8883, trust: ["one", "two"] };

test("a failure names the server, and carries what was underneath", (t) => {
	const told = failure("connect", endpoint, "connect-failed", "refused");
	t.is(`${told.phase} ${told.code} ${told.action}`, "connect connect-failed retry");
	t.true(sentence(told).includes("broker.example:8883"));
	t.is(told.cause, "refused");
	t.true(sentence(failure("register", endpoint, "dns-failed")).includes("broker.example is not known"));
});

test("authorities that cannot be loaded are named where the server's may be one of them, and nowhere else", (t) => {
	for (const trouble of ["certificate-untrusted", "certificate-incomplete"] as const) {
		t.regex(sentence(failure("connect", endpoint, trouble, undefined, ["one", "two"])), /one, two cannot be read/);
		t.notRegex(sentence(failure("connect", endpoint, trouble)), /cannot be read/);
	}
	for (const trouble of ["certificate-expired", "certificate-weak", "certificate-wrong-name", "tls-failed"] as const)
		t.notRegex(sentence(failure("connect", endpoint, trouble, undefined, ["one"])), /cannot be read/);
});

test("what only a person can mend is told to stop", (t) => {
	for (const [told, code] of [
		[noAuthority("register", ["one", "two"], "gone"), "certificate-untrusted"],
		[unusableCertificate("no key"), "tls-failed"],
		[failure("connect", endpoint, "certificate-weak"), "certificate-weak"],
		[failure("connect", endpoint, "certificate-incomplete"), "certificate-incomplete"],
	] as const) {
		t.is(told.code, code);
		t.is(told.action, "stop");
	}
	t.regex(sentence(noAuthority("register", ["one", "two"], "gone")), /\(one, two\)/);
});
