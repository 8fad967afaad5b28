import test from "ava";
import { everyKey } from "dynreg/clouds/schemas";
import { type Key, satisfies } from "dynreg/configuration/schema";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { accessPassword } from "dynreg/setup/access-password";
import { accessPointConfiguration } from "dynreg/setup/setup-options";
import { crypto } from "../support/node-crypto.js";

const mac = "a4:d1:8c:db:c0:20";
const setupPassword = "access-point-pass";
const setupSecret = "an-invented-set-up-secret";
const read = (configuration: RawConfiguration, address: string | undefined = mac) =>
	accessPointConfiguration(crypto, configuration, address);
const keyOf = (t: { throws: (work: () => unknown) => unknown }, configuration: RawConfiguration, address = mac) => {
	const failure = t.throws(() => read(configuration, address));
	return failure instanceof Failure && failure.code === "bad-configuration" && `${failure.key} ${failure.reason}`;
};

test("with a password only, the name is from the MAC address", (t) => {
	const { name, password, address, dangerouslyOpenSetup } = read({ setupPassword });
	t.is(name, "dynreg-c020");
	t.is(password?.reveal(), setupPassword);
	t.is(address, "192.168.4.1");
	t.false(dangerouslyOpenSetup);
});

test("with a set-up secret, the password is the board's own; a configured one takes precedence", (t) => {
	const own = accessPassword(crypto, new Secret(setupSecret), mac).reveal();
	t.is(read({ setupSecret }).password?.reveal(), own);
	t.is(read({ setupSecret, setupPassword: "" }).password?.reveal(), own);
	t.is(read({ setupSecret, setupPassword }).password?.reveal(), setupPassword);
});

test("without a password only dangerouslyOpenSetup is valid", (t) => {
	t.is(keyOf(t, {}), "setupPassword missing");
	t.is(keyOf(t, { setupSecret: "" }), "setupPassword missing");
	t.is(keyOf(t, { dangerouslyOpenSetup: "yes" }), "setupPassword missing");
	for (const dangerouslyOpenSetup of [true, "true"])
		t.like(read({ dangerouslyOpenSetup }), { password: undefined, dangerouslyOpenSetup: true });
});

test("without a MAC address the name has no digits, and a secret gives no password", (t) => {
	const noMac = (configuration: RawConfiguration) => accessPointConfiguration(crypto, configuration, undefined);
	t.is(noMac({ setupPassword }).name, "dynreg");
	t.is(noMac({ setupPassword, setupName: "LAMP" }).name, "LAMP");
	t.throws(() => noMac({ setupSecret, setupName: "LAMP" }), { message: /setupPassword/ });
});

test("a name has 1 to 32 bytes", (t) => {
	t.is(read({ setupPassword, setupName: "灯".repeat(10) }).name, "灯".repeat(10));
	for (const setupName of ["灯".repeat(11), 7, {}]) t.regex(`${keyOf(t, { setupPassword, setupName })}`, /setupName/);
	t.is(keyOf(t, { setupPassword, setupName: "" }), "setupName missing");
	// As with every key, null is not configured.
	t.is(read({ setupPassword, setupName: null }).name, "dynreg-c020");
});

test("an address is IPv4", (t) => {
	t.is(read({ setupPassword, setupAddress: "4.3.2.1" }).address, "4.3.2.1");
	for (const setupAddress of [
		"4.3.2",
		"4.3.2.1.0",
		"4.3.2.256",
		"4.3.2.-1",
		"4.3.2.01",
		"4.3.2.1.5",
		"4.3.2.",
		"a.b.c.d",
		4,
		"1.2.3.4e0",
	])
		t.is(keyOf(t, { setupPassword, setupAddress }), "setupAddress invalid", `${setupAddress}`);
	t.is(keyOf(t, { setupPassword, setupAddress: "1.5.2.0.5" }), "setupAddress invalid");
});

test("what the schema says of a key is what its reader accepts", (t) => {
	const values = ["", "x", "1234567", "12345678", "é".repeat(4), "a".repeat(63), "a".repeat(64), "a".repeat(65)];
	const others = [
		"x".repeat(21),
		"x".repeat(22),
		"灯".repeat(11),
		"192.168.4.1",
		"1.2.3.04",
		"true",
		"false",
		"yes",
		true,
		7,
	];
	for (const key of ["setupName", "setupPassword", "setupSecret", "setupAddress", "dangerouslyOpenSetup"])
		for (const value of [...values, ...others]) {
			const { rule, blank } = everyKey[key] as Key;
			const base = key === "setupName" || key === "setupAddress" ? { setupPassword } : { dangerouslyOpenSetup: true };
			const isRead = () => {
				try {
					read({ ...base, [key]: value });
					return true;
				} catch {
					return false;
				}
			};
			// Another value than true is no switch that is on: then a password is missing.
			if (key === "dangerouslyOpenSetup") t.is(isRead(), `${value}` === "true", `${value}`);
			else t.is(isRead(), satisfies(rule, value) || (blank === true && value === ""), `${key} ${value}`);
		}
});

test("an invalid secret is not shown", (t) => {
	for (const bad of ["short", "x".repeat(64), 12345678]) {
		const failure = t.throws(() => read({ setupPassword: bad }), { instanceOf: Failure });
		t.like(failure, { key: "setupPassword", reason: "invalid", value: undefined });
	}
	for (const bad of ["short", 12345678]) {
		const failure = t.throws(() => read({ setupSecret: bad }), { instanceOf: Failure });
		t.like(failure, { key: "setupSecret", reason: "invalid", value: undefined });
	}
});
