/** Whatever a flash holds: it is read as a credential, as none, or as a `Failure`; and reading it changes nothing. */

import test from "ava";
import type { Credential } from "dynreg/contracts/credential";
import { crc32 } from "dynreg/core/bytes";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { decode, encode, recordLength, type VaultRecord } from "dynreg/credential-store/record";
import { openVault } from "dynreg/credential-store/vault";
import fc from "fast-check";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { recordedBytes } from "./corpus.js";
import { damagedBytes } from "./hostile-values.js";
import { checkProperty, outcomeOf } from "./properties.js";

const identity = "tencent/PRODUCT001/board-1";
const credentials: readonly Credential[] = [
	{ kind: "key", secret: new Secret("EBESExQVFhcYGRobHB0eHw==") },
	{ kind: "token", clientId: "handed-out-1", secret: new Secret("^1^1800000000^token") },
	{ kind: "certificate", certificates: [new Uint8Array(300).fill(7)], secret: new Secret("AAECAwQFBgcICQoLDA0ODw==") },
];
const sound = credentials.flatMap((credential) =>
	[undefined, ...credentials].map((previous) => {
		const record: VaultRecord = { generation: 3, identity, credential, active: true, refusals: 2, previous };
		return encode(crypto, record);
	}),
);

/** With a CRC that is right, whatever it is the CRC of. */
function sealed(bytes: Uint8Array): Uint8Array {
	const copy = bytes.slice();
	if (copy.length >= 4) new DataView(copy.buffer).setUint32(copy.length - 4, crc32(copy.subarray(0, -4)), true);
	return copy;
}

/** Lengths in a header that add up, before anything. */
const fitting = fc
	.tuple(
		fc.constantFrom(1, 1, 1, 2),
		fc.nat(255),
		fc.oneof(fc.nat(3), fc.constant(0xffffffff)),
		fc.oneof(fc.constant(crypto.utf8(identity)), fc.uint8Array({ maxLength: 30 })),
		fc.tuple(fc.integer({ min: 1, max: 4 }), fc.uint8Array({ maxLength: 30 })),
		fc.option(fc.tuple(fc.nat(4), fc.uint8Array({ maxLength: 30 })), { nil: undefined }),
	)
	.map(([version, state, generation, name, credential, previous]) => {
		const parts = [credential, previous].map((each) => (each ? Uint8Array.of(each[0], ...each[1]) : new Uint8Array(0)));
		const header = Buffer.alloc(14);
		header.set([0x44, 0x52, version, state]);
		header.writeUInt32LE(generation, 4);
		header.writeUInt8(name.length, 8);
		for (const [index, part] of parts.entries()) header.writeUInt16LE(part.length, 10 + 2 * index);
		return sealed(new Uint8Array(Buffer.concat([header, name, ...parts, Buffer.alloc(4)])));
	});

const records = fc.oneof(
	fc.uint8Array({ maxLength: 100 }),
	fc.constantFrom(...sound).chain((bytes) => damagedBytes(bytes).map((each) => new Uint8Array(each))),
	fc.constantFrom(...sound).chain((bytes) => damagedBytes(bytes).map((each) => sealed(new Uint8Array(each)))),
	fitting,
);
const remembered = recordedBytes("records").flatMap((bytes) => [
	new Uint8Array(bytes),
	sealed(new Uint8Array(Buffer.concat([bytes, Buffer.alloc(4)]))),
]);

test("any bytes are a record, none, or a failure", (t) =>
	checkProperty(
		t,
		records,
		(bytes) => {
			const length = recordLength(bytes);
			if (length !== undefined && !(length >= 18 && length <= 16384)) throw new Error(`a length of ${length}`);
			const record = outcomeOf(() => decode(crypto, bytes));
			if (record instanceof Failure || record === undefined) return;
			record.credential.secret.reveal();
			if (record.credential.kind === "certificate" && record.credential.certificates.some((each) => !each))
				throw new Error("no certificate");
		},
		{ runs: 20_000, recorded: remembered },
	));

/** Both slots, each whole or in parts. */
const slots = fc.record({
	size: fc.constantFrom(4000, 63),
	a: fc.option(records, { nil: undefined }),
	b: fc.option(records, { nil: undefined }),
	part: fc.option(fc.tuple(fc.nat(40), fc.uint8Array({ maxLength: 63 })), { nil: undefined }),
});

function flashOf({ size, a, b, part }: typeof slots extends fc.Arbitrary<infer Slots> ? Slots : never): InMemoryFlash {
	const flash = new InMemoryFlash(size);
	const prefix = crc32(crypto.utf8(identity)).toString(16).padStart(8, "0");
	for (const [slot, bytes = new Uint8Array(0)] of [
		["a", a],
		["b", b],
	] as const)
		for (let start = 0; start < bytes.length; start += size)
			flash.values.set(`${slot}${prefix}${(start / size).toString(36)}`, bytes.slice(start, start + size));
	if (part) flash.values.set([...flash.values.keys()][part[0]] ?? `a${prefix}0`, part[1]);
	return flash;
}

test("reading any flash writes nothing to it", (t) =>
	checkProperty(
		t,
		slots,
		(each) => {
			const flash = flashOf(each);
			outcomeOf(() => openVault(flash, crypto, identity).load());
			if (flash.steps > 0) throw new Error(`${flash.steps} steps`);
		},
		{ runs: 10_000 },
	));

test("any flash contents accept a new credential, or fail and stay unchanged", (t) =>
	checkProperty(
		t,
		fc.tuple(
			slots,
			fc.constantFrom(...credentials),
			fc.array(fc.constantFrom("accepted", "refused"), { maxLength: 3 }),
		),
		([each, credential, life]) => {
			const flash = flashOf(each);
			const before = new Map(flash.values);
			const vault = openVault(flash, crypto, identity);
			const record = outcomeOf(() => vault.commit(credential));
			if (record instanceof Failure) {
				for (const [key, value] of before)
					if (Buffer.compare(flash.values.get(key) ?? Buffer.alloc(0), value) !== 0)
						throw new Error(`${key} has changed`);
				return;
			}
			if (vault.load()?.credential.secret.reveal() !== credential.secret.reveal()) throw new Error("it is not there");
			for (const step of life) outcomeOf(() => vault[step as "accepted" | "refused"]());
			if (outcomeOf(() => vault.load()) === undefined) throw new Error("nothing is there any more");
		},
		{ runs: 10_000 },
	));
