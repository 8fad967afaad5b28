import test from "ava";
import type { Credential } from "dynreg/contracts/credential";
import { crc32 } from "dynreg/core/bytes";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { decode, encode, recordLength, type VaultRecord } from "dynreg/credential-store/record";
import { isReplaceable, openVault, type Vault } from "dynreg/credential-store/vault";
import { InMemoryFlash, PowerCut } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";

const identity = "tencent/PRODUCT001/a-board-whose-record-needs-two-short-values";
const key = (text: string): Credential => ({ kind: "key", secret: new Secret(text) });
const reveal = (record: VaultRecord | undefined) => record?.credential.secret.reveal();
const open = (flash: InMemoryFlash, name = identity) => openVault(flash, crypto, name);

/** The storages that the firmware meets: whole values, and values of at most 63 bytes. */
const models = [4000, 63] as const;

test("CRC-32 is that of zlib", (t) => {
	t.is(crc32(crypto.utf8("123456789")), 0xcbf43926);
	t.is(crc32(new Uint8Array(0)), 0);
});

test("a record is read as it was written", (t) => {
	for (const previous of [undefined, key("before")])
		for (const active of [true, false]) {
			const record: VaultRecord = {
				generation: 0xfffffffe,
				identity,
				credential: key("now"),
				active,
				refusals: 10,
				previous,
			};
			const read = decode(crypto, encode(crypto, record));
			t.like(read, { generation: 0xfffffffe, identity, active, refusals: 10 });
			t.is(reveal(read), "now");
			t.is(read?.previous?.secret.reveal(), previous?.secret.reveal());
		}
});

/** One credential of each kind. Nothing about them is secret. */
const oneOfEach: readonly Credential[] = [
	key("a-psk=="),
	{ kind: "token", clientId: "issued-客户", secret: new Secret("a-token") },
	{
		kind: "certificate",
		certificates: [Uint8Array.of(1, 2, 3), new Uint8Array(700).fill(7)],
		secret: new Secret(Buffer.alloc(1200, 9).toString("base64")),
	},
	{ kind: "login", clientId: "", username: "a-board", secret: new Secret("a-password") },
	{ kind: "key", secret: new Secret("a-derived-key"), assigned: "hub.example/a-board" },
	{ kind: "token", clientId: "c", secret: new Secret("a-token"), assigned: "" },
	{
		kind: "certificate",
		certificates: [Uint8Array.of(1, 2, 3)],
		secret: new Secret(Buffer.alloc(12, 9).toString("base64")),
		assigned: "客户's thing",
	},
	{ kind: "login", clientId: "c", username: "", secret: new Secret(""), assigned: "x" },
];

test("a credential of each kind is read as written, beside each other kind", (t) => {
	const plain = (credential: Credential | undefined) =>
		credential && { ...credential, secret: credential.secret.reveal() };
	for (const credential of oneOfEach)
		for (const previous of [undefined, ...oneOfEach]) {
			const record: VaultRecord = { generation: 1, identity, credential, active: false, refusals: 0, previous };
			const read = decode(crypto, encode(crypto, record));
			t.deepEqual(plain(read?.credential), plain(credential));
			t.deepEqual(plain(read?.previous), plain(previous));
		}
});

test("records that version 0.1.0 has written are read, and written again byte for byte", (t) => {
	const token: Credential = { kind: "token", clientId: "example-client", secret: new Secret("an-example-token") };
	const certificates = [Uint8Array.of(0x30, 1, 0), Uint8Array.of(0x30, 1, 1)];
	const certificate: Credential = { kind: "certificate", certificates, secret: new Secret("AAEC") };
	const common = { generation: 3, active: true, refusals: 0, previous: undefined };
	const tencent = { ...common, identity: "tencent/EXAMPLE/board-1" };
	const records: readonly (readonly [string, VaultRecord])[] = [
		[
			"445201800300000017000f00000074656e63656e742f4558414d504c452f626f6172642d3101616e2d6578616d706c652d70736ba71b923b",
			{ ...tencent, credential: key("an-example-psk") },
		],
		[
			"4452010203000000160023001200616c6979756e2f6578616d706c652f626f6172642d31020e006578616d706c652d636c69656e741000616e2d6578616d706c652d746f6b656e01616e2d6578616d706c652d7365637265747030d98e",
			{
				...common,
				identity: "aliyun/example/board-1",
				credential: token,
				active: false,
				refusals: 2,
				previous: key("an-example-secret"),
			},
		],
		[
			"445201800300000017001000000074656e63656e742f4558414d504c452f626f6172642d31030300000102030030010003003001012745bdee",
			{ ...tencent, credential: certificate },
		],
	];
	for (const [hex, record] of records) {
		const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
		const read = decode(crypto, bytes);
		t.deepEqual(read, record);
		t.is(reveal(read), record.credential.secret.reveal());
		t.is(Buffer.from(encode(crypto, record)).toString("hex"), hex);
	}
});

test("a record with a truncated or unknown credential cannot be read", (t) => {
	const record: VaultRecord = {
		generation: 1,
		identity,
		credential: oneOfEach[1] as Credential,
		active: false,
		refusals: 0,
		previous: undefined,
	};
	const kind = 14 + identity.length;
	for (const [place, value] of [
		[kind, 7],
		// The length of its first part.
		[kind + 1, 200],
	] as const) {
		const bytes = encode(crypto, record);
		t.is(bytes[kind], 2);
		bytes[place] = value;
		new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
		t.throws(() => decode(crypto, bytes));
	}
});

const lifeOf = ({ kind, assigned }: Credential) => `${kind}s${assigned === undefined ? "" : ` for "${assigned}"`}`;

/** What a device is given in its life: three credentials, one after another. */
const lives: readonly (readonly [string, Credential, Credential, Credential])[] = [
	["keys", key("first"), key("second, a longer one than the one before it"), key("third")],
	...oneOfEach
		.slice(1)
		.map((first) => [lifeOf(first), first, { ...first, secret: new Secret("c2Vjb25k") }, first] as const),
	["kinds that change", ...(oneOfEach as [Credential, Credential, Credential])],
];

test("invariant 3: a record with a flipped bit or wrong length is invalid", (t) => {
	const bytes = encode(crypto, {
		generation: 1,
		identity,
		credential: key("now"),
		active: true,
		refusals: 0,
		previous: undefined,
	});
	for (let bit = 0; bit < bytes.length * 8; bit++) {
		const flipped = bytes.slice();
		flipped[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
		t.is(decode(crypto, flipped), undefined);
	}
	for (let length = 0; length < bytes.length; length++) t.is(decode(crypto, bytes.slice(0, length)), undefined);
	t.is(decode(crypto, Uint8Array.of(...bytes, 0)), undefined);
	t.is(recordLength(bytes), bytes.length);
});

for (const size of models) {
	const named = (title: string) => `${title} (values of ${size} bytes)`;

	test(named("an empty flash holds no credential"), (t) => {
		t.is(open(new InMemoryFlash(size)).load(), undefined);
	});

	test(named("invariant 2: what commit returns from is in flash, and fresh"), (t) => {
		const flash = new InMemoryFlash(size);
		t.like(open(flash).commit(key("first")), { generation: 1, active: false, refusals: 0, previous: undefined });
		const record = open(flash.copy()).load();
		t.is(reveal(record), "first");
		t.like(record, { generation: 1, identity, active: false, refusals: 0 });
	});

	test(named("invariant 6: an accepted credential is active, noted once"), (t) => {
		const flash = new InMemoryFlash(size);
		const vault = open(flash);
		vault.commit(key("first"));
		vault.accepted();
		t.like(open(flash).load(), { active: true, generation: 2 });
		vault.accepted();
		t.is(open(flash).load()?.generation, 2);
	});

	test(
		named("invariant 6: a fresh credential may be replaced after one refusal, an active one after ten in a row"),
		(t) => {
			const vault = open(new InMemoryFlash(size));
			t.false(isReplaceable(vault.commit(key("first"))));
			vault.refused();
			t.true(isReplaceable(vault.load() as VaultRecord));
			vault.accepted();
			for (let refusal = 1; refusal <= 10; refusal++) {
				t.false(isReplaceable(vault.load() as VaultRecord));
				vault.refused();
			}
			t.true(isReplaceable(vault.load() as VaultRecord));
			vault.accepted();
			t.like(vault.load(), { refusals: 0, active: true });
		},
	);

	test(named("invariant 6: refusals beyond those that matter are not written to flash"), (t) => {
		const flash = new InMemoryFlash(size);
		const vault = open(flash);
		vault.commit(key("first"));
		vault.refused();
		let { steps } = flash;
		vault.refused();
		t.is(flash.steps, steps);
		vault.accepted();
		for (let refusal = 0; refusal < 10; refusal++) vault.refused();
		steps = flash.steps;
		vault.refused();
		t.is(flash.steps, steps);
	});

	test(named("invariant 6: a refused active credential is kept until the broker accepts another"), (t) => {
		const vault = open(new InMemoryFlash(size));
		vault.commit(key("old"));
		vault.accepted();
		vault.commit(key("new"));
		t.is(reveal(vault.load()), "new");
		t.is(vault.load()?.previous?.secret.reveal(), "old");
		vault.commit(key("newer"));
		t.is(vault.load()?.previous?.secret.reveal(), "old");
		vault.refused();
		t.like(vault.load(), { active: true, refusals: 10 });
		t.is(reveal(vault.load()), "old");
		t.is(vault.load()?.previous?.secret.reveal(), "newer");
		vault.commit(key("newest"));
		vault.accepted();
		t.is(reveal(vault.load()), "newest");
		t.is(vault.load()?.previous, undefined);
	});

	test(named("invariant 6: while a replacement is not accepted, the two take turns, and neither is given up"), (t) => {
		const vault = open(new InMemoryFlash(size));
		vault.commit(key("old"));
		vault.accepted();
		vault.commit(key("new"));
		for (const [inUse, other, active] of [
			["old", "new", true],
			["new", "old", false],
			["old", "new", true],
			["new", "old", false],
		] as const) {
			vault.refused();
			const record = vault.load() as VaultRecord;
			t.is(reveal(record), inUse);
			t.is(record.previous?.secret.reveal(), other);
			t.is(record.active, active);
			t.true(isReplaceable(record));
		}
		vault.accepted();
		t.is(reveal(vault.load()), "new");
		t.like(vault.load(), { active: true, refusals: 0, previous: undefined });
	});

	test(named("invariant 10: a sound record that only a newer firmware can read is kept, and said"), (t) => {
		for (const change of [
			(bytes: Uint8Array) => bytes.fill(2, 2, 3),
			(bytes: Uint8Array) => bytes.fill(7, 14 + identity.length, 15 + identity.length),
			// The previous one's kind.
			(bytes: Uint8Array) => bytes.fill(7, bytes.length - 9, bytes.length - 8),
		]) {
			const flash = new InMemoryFlash(4000);
			open(flash).commit(key("mine"));
			open(flash).accepted();
			open(flash).commit(key("next"));
			const [name, bytes] = [...flash.values][0] as [string, Uint8Array];
			flash.values.clear();
			change(bytes);
			new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
			flash.values.set(name, bytes);
			for (const act of [() => open(flash).load(), () => open(flash).commit(key("other"))])
				t.like(t.throws(act, { instanceOf: Failure }), {
					phase: "store",
					code: "storage-failed",
					action: "needs-attention",
				});
			t.is(flash.values.size, 1);
		}
	});

	test(named("invariant 10: another identity neither uses nor loses this one's credential"), (t) => {
		const flash = new InMemoryFlash(size);
		open(flash).commit(key("mine"));
		for (const other of ["tencent/PRODUCT001/board-2", "tencent/PRODUCT002/board-1", "aliyun/PRODUCT001/board-1"]) {
			t.is(open(flash, other).load(), undefined);
			for (let write = 0; write < 4; write++) open(flash, other).commit(key(other));
			t.is(reveal(open(flash, other).load()), other);
		}
		t.is(reveal(open(flash).load()), "mine");
	});

	for (const [what, first, second, third] of lives.filter(([what]) => size > 63 || !/certificates|change/.test(what)))
		test(
			named(`invariant 3: a power cut at any storage operation leaves the old record or the new one, ${what}`),
			(t) => {
				let cuts = 0;
				/** Each step of a credential's life, and what must hold whether or not it happened. */
				const life: readonly [string, (vault: Vault) => void][] = [
					["commit", (vault) => vault.commit(first)],
					["accepted", (vault) => vault.accepted()],
					["refused", (vault) => vault.refused()],
					["replaced", (vault) => vault.commit(second)],
					["replacement refused", (vault) => vault.refused()],
					["replaced again", (vault) => vault.commit(third)],
					["replacement accepted", (vault) => vault.accepted()],
					["erased", (vault) => vault.erase()],
				];
				const flash = new InMemoryFlash(size);
				for (const [step, act] of life) {
					const view = (of: InMemoryFlash) => {
						const record = open(of).load();
						return JSON.stringify([record, reveal(record), record?.previous?.secret.reveal()]);
					};
					const before = view(flash);
					const whole = flash.copy();
					act(open(whole));
					const after = view(whole);
					for (let fuse = 0; fuse < whole.steps; fuse++) {
						const cut = flash.copy();
						cut.stepsUntilCut = fuse;
						t.throws(() => act(open(cut)), { instanceOf: PowerCut });
						const afterwards = cut.copy();
						t.true([before, after].includes(view(afterwards)), `${step}, cut at ${fuse}`);
						// And the board can go on from there: the same step, done again, comes to the same end.
						if (view(afterwards) === before) {
							act(open(afterwards));
							t.is(view(afterwards), after, `${step} again after a cut at ${fuse}`);
						}
						cuts++;
					}
					act(open(flash));
					flash.steps = 0;
				}
				t.log(`${cuts} power cuts, 0 credentials lost`);
				t.true(cuts >= life.length * 4);
			},
		);

	test(
		named("invariant 2: a flash that does not keep what it is given is reported, and the old record stands"),
		(t) => {
			const flash = new InMemoryFlash(size);
			open(flash).commit(key("first"));
			for (const spoil of [
				(value: Uint8Array) => value.fill(0xff),
				(value: Uint8Array) => value.fill(0x20, value.length - 5),
				(value: Uint8Array) => value.subarray(0, 3),
			]) {
				const worn = flash.copy();
				const set = worn.set.bind(worn);
				worn.set = (name, value) => set(name, spoil(value.slice()));
				t.like(
					t.throws(() => open(worn).commit(key("second")), { instanceOf: Failure }),
					{ phase: "store", code: "storage-mismatch", action: "retry" },
				);
				t.is(reveal(open(worn).load()), "first");
			}
		},
	);
}

test("a storage too small for certificates is reported before registration", (t) => {
	const small = new InMemoryFlash(63);
	const certificate = oneOfEach[2] as Credential;
	open(small).ensureFits("key");
	open(small).ensureFits("token");
	for (const act of [() => open(small).ensureFits("certificate"), () => open(small).commit(certificate)])
		t.like(t.throws(act, { instanceOf: Failure }), {
			phase: "store",
			code: "storage-too-small",
			action: "needs-attention",
		});
	t.is(small.steps, 0);
	open(new InMemoryFlash(512)).ensureFits("certificate");
});

test("a header whose lengths a power cut has torn takes no memory for them", (t) => {
	const torn = new Uint8Array(4000).fill(0xff);
	torn.set([0x44, 0x52, 1, 0]);
	t.is(recordLength(torn), undefined);
});

test("a long record is split; a missing or long part makes it invalid", (t) => {
	const flash = new InMemoryFlash(63);
	open(flash).commit(key("a".repeat(100)));
	const parts = [...flash.values.keys()];
	t.is(parts.length, 3);
	for (const [part, value] of [...flash.values]) {
		for (const wrong of [undefined, new Uint8Array(0), Uint8Array.of(...value, 1).slice(0, 63), value.slice(1)]) {
			const broken = flash.copy();
			if (wrong === undefined) broken.delete(part);
			else broken.values.set(part, wrong.length === value.length ? new Uint8Array(63) : wrong);
			t.is(open(broken).load(), undefined);
		}
	}
});

test("invariant 10: identities with the same key hash do not overwrite each other", (t) => {
	const flash = new InMemoryFlash(4000);
	open(flash).commit(key("mine"));
	const [name, bytes] = [...flash.values][0] as [string, Uint8Array];
	const record = decode(crypto, bytes) as VaultRecord;
	flash.values.set(name, encode(crypto, { ...record, identity: "tencent/OTHER/board-9" }));
	for (const act of [() => open(flash).load(), () => open(flash).commit(key("other"))])
		t.like(t.throws(act, { instanceOf: Failure }), {
			phase: "store",
			code: "storage-failed",
			action: "needs-attention",
		});
});
