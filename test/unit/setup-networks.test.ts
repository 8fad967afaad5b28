import test from "ava";
import type { FoundNetwork, WifiNetwork } from "dynreg/contracts/setup";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { accessPassword } from "dynreg/setup/access-password";
import { escapeHtml, formField } from "dynreg/setup/form";
import { enteredNetwork, offered } from "dynreg/setup/networks";
import { crypto } from "../support/node-crypto.js";

const found = (name: string, signal: number): FoundNetwork => ({ name, signal, channel: 6, security: "password" });
const names = (...networks: FoundNetwork[]) => offered(networks).map(({ name, signal }) => `${name} ${signal}`);

test("the strongest network comes first, and each name once", (t) => {
	t.deepEqual(names(found("b", -70), found("a", -40), found("c", -90), found("a", -60), found("b", -50)), [
		"a -40",
		"b -50",
		"c -90",
	]);
	t.deepEqual(names(found("a", -40), found("a", -40)), ["a -40"]);
});

test("16 networks are kept: the strongest", (t) => {
	const many = Array.from({ length: 40 }, (_, index) => found(`n${index}`, -90 + index));
	t.deepEqual(
		offered(many).map(({ signal }) => signal),
		Array.from({ length: 16 }, (_, index) => -51 - index),
	);
});

test("hidden networks and malformed names are left out, and any other name is kept", (t) => {
	for (const name of ["", "a\0b", "\x1b[31m", "a\x7f", "caf\ufffd", "\ud83d", "a\udca9", "\ud83dx", "\udca9\ud83d"])
		t.deepEqual(names(found(name, -40)), [], JSON.stringify(name));
	for (const name of [" ", "咖啡馆", "💩 shop", "<b>&\"'", "*"]) t.deepEqual(names(found(name, -40)), [`${name} -40`]);
});

const password = (text: string) => {
	const network = enteredNetwork(crypto, "net", text);
	return typeof network === "string" ? network : network.password?.reveal();
};

test("a password has 8 to 63 bytes, or 64 hexadecimal digits, or is empty", (t) => {
	t.is(password(""), undefined);
	for (const good of [
		"invented pass",
		"*+\"'&%\\ ;,:",
		"密码密码密",
		"p".repeat(63),
		"0123456789abcdefABCDEF".repeat(3).slice(0, 64),
	])
		t.is(password(good), good);
	for (const bad of ["1234567", "密码", "p".repeat(64), "密".repeat(16) + "a".repeat(16), "a".repeat(65)])
		t.is(password(bad), "password-length");
});

test("a name has 1 to 32 bytes", (t) => {
	t.is(enteredNetwork(crypto, "", ""), "name-missing");
	t.is(enteredNetwork(crypto, "咖".repeat(11), ""), "name-too-long");
	t.deepEqual(enteredNetwork(crypto, `${"咖".repeat(10)}ab`, ""), { name: `${"咖".repeat(10)}ab` });
	t.is((enteredNetwork(crypto, " a ", "") as WifiNetwork).name, " a ");
});

const field = (body: string, letter: string) => formField(crypto, Buffer.from(body), letter);

test("a form's fields are percent-decoded bytes", (t) => {
	t.is(field("n=%E5%92%96+a%2Bb%26%3d%25&p=x", "n"), "咖 a+b&=%");
	t.is(field("n=&p=x", "n"), "");
	t.is(field("n=1&p=x=y", "p"), "x=y");
	t.is(field("p=1&p=2", "p"), "1");
	t.is(field("n=p=1&xp=2", "p"), undefined);
	t.is(field("p", "p"), undefined);
});

test("a malformed form is refused", (t) => {
	for (const body of [
		"p=%",
		"p=%4",
		"p=%4&n=1",
		"p=%g0",
		"p=%0/",
		"p=%:0",
		"p=%@1",
		"p=%00",
		"p=a\0",
		"p=%ff",
		"p=%ed%a0%80",
	])
		t.throws(() => field(body, "p"), undefined, body);
});

test("text within HTML is text", (t) => {
	t.is(escapeHtml(`</p><a href="&">'`), "&lt;/p&gt;&lt;a href=&quot;&amp;&quot;&gt;'");
});

const secret = new Secret("an-invented-set-up-secret");

test("the access point's password is 12 of 32 characters, from the secret and the MAC address", (t) => {
	const one = accessPassword(crypto, secret, "A4:D1:8C:DB:C0:20").reveal();
	t.regex(one, /^[2-9a-km-np-z]{12}$/);
	t.is(one, accessPassword(crypto, secret, "a4:d1:8c:db:c0:20").reveal());
	const others = [
		accessPassword(crypto, secret, "a4:d1:8c:db:c0:21"),
		accessPassword(crypto, new Secret("an-invented-set-up-secreT"), "a4:d1:8c:db:c0:20"),
	];
	for (const other of others) t.not(other.reveal(), one);
	// HMAC-SHA256 by another implementation: 5 bits of each of the first 12 bytes.
	const digest = crypto.hmac("SHA256", secret.reveal(), "a4d18cdbc020");
	const alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
	t.is(one, [...digest.slice(0, 12)].map((byte) => alphabet[byte % 32]).join(""));
});

test("each character is used over many boards", (t) => {
	const used = new Set<string>();
	for (let board = 0; board < 64; board++)
		for (const letter of accessPassword(crypto, secret, `00:00:00:00:00:${board}`).reveal()) used.add(letter);
	t.is(used.size, 32);
});

test("a short set-up secret is a mistake of the configuration", (t) => {
	const failure = t.throws(() => accessPassword(crypto, new Secret("too-short-for-a-secret".slice(1)), "00"), {
		instanceOf: Failure,
	});
	t.like(failure, { phase: "configuration", code: "bad-configuration", key: "setupSecret" });
});
