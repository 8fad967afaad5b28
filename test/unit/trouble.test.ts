import test from "ava";
import { failure, noAuthority, unusableCertificate } from "dynreg/core/connection-errors";

const endpoint = { secure: true, host: "broker.example", port: 8883, trust: ["one", "two"] };

test("a failure names the server, and carries what was underneath", (t) => {
	const told = failure("connect", endpoint, "connect", "refused");
	t.is(`${told.phase} ${told.code} ${told.action}`, "connect connect-failed retry");
	t.true(told.message.includes("broker.example:8883"));
	t.is(told.cause, "refused");
	t.true(failure("register", endpoint, "dns").message.includes("broker.example is not known"));
});

test("authorities that cannot be loaded are named where the server's may be one of them, and nowhere else", (t) => {
	for (const trouble of ["untrusted", "incomplete"] as const) {
		t.regex(failure("connect", endpoint, trouble, undefined, ["one", "two"]).message, /one, two cannot be read/);
		t.notRegex(failure("connect", endpoint, trouble).message, /cannot be read/);
	}
	for (const trouble of ["expired", "weak", "wrongName", "tls"] as const)
		t.notRegex(failure("connect", endpoint, trouble, undefined, ["one"]).message, /cannot be read/);
});

test("what only a person can mend is told to stop", (t) => {
	for (const [told, code] of [
		[noAuthority("register", ["one", "two"], "gone"), "certificate-untrusted"],
		[unusableCertificate("no key"), "tls-failed"],
		[failure("connect", endpoint, "weak"), "certificate-weak"],
		[failure("connect", endpoint, "incomplete"), "certificate-incomplete"],
	] as const) {
		t.is(told.code, code);
		t.is(told.action, "stop");
	}
	t.regex(noAuthority("register", ["one", "two"], "gone").message, /\(one, two\)/);
});
