import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import test from "ava";
import { answerQuery } from "dynreg/setup/dns-answer";

const address = Uint8Array.of(192, 168, 4, 1);

interface QueryParts {
	readonly id?: number;
	readonly flags?: number;
	readonly counts?: readonly number[];
	readonly name?: string;
	readonly type?: number;
	readonly class?: number;
	readonly rest?: readonly number[];
}

const number = (value: number) => [value >> 8, value & 0xff];
const encodedName = (name: string) => [
	...name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]),
	...(name === "" ? [] : [0]),
];

function query(parts: QueryParts = {}): Uint8Array {
	const { id = 0x1234, flags = 0x0100, counts = [1, 0, 0, 0], name = "captive.apple.com", type = 1, rest = [] } = parts;
	return Uint8Array.from([
		...[id, flags, ...counts].flatMap(number),
		...encodedName(name),
		...number(type),
		...number(parts.class ?? 1),
		...rest,
	]);
}

/** An OPT record: UDP size 1232, and what may differ. */
const opt = ({ version = 0, flags = 0, data = [] as number[], type = 41, owner = 0 } = {}) => [
	owner,
	...number(type),
	...number(1232),
	0,
	version,
	...number(flags),
	...number(data.length),
	...data,
];
const withOpt = [1, 0, 0, 1];

/** Header fields of a response. */
const header = (bytes: Uint8Array | undefined) => {
	const [id, flags, questions, answers, authorities, additional] = new Uint16Array(
		(bytes?.slice(0, 12) ?? new Uint8Array(12)).buffer,
	).map((each) => ((each << 8) | (each >> 8)) & 0xffff);
	return { id, flags, questions, answers, authorities, additional };
};

test("each name has the board's address, for a few seconds", (t) => {
	const asked = query();
	const answer = answerQuery(asked, address);
	t.deepEqual(header(answer), { id: 0x1234, flags: 0x8580, questions: 1, answers: 1, authorities: 0, additional: 0 });
	t.deepEqual(answer?.slice(12, asked.length), asked.slice(12));
	t.deepEqual([...(answer ?? []).slice(asked.length)], [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 192, 168, 4, 1]);
	t.is(header(answerQuery(query({ type: 255 }), address)).answers, 1);
});

test("the case of a name's letters is kept", (t) => {
	const asked = query({ name: "cApTiVe.ApPlE.cOm" });
	t.deepEqual(answerQuery(asked, address)?.slice(12, asked.length), asked.slice(12));
});

test("other types and classes have no data", (t) => {
	for (const parts of [{ type: 28 }, { type: 65 }, { type: 16 }, { class: 3 }]) {
		const answer = answerQuery(query(parts), address);
		t.like(header(answer), { flags: 0x8580, questions: 1, answers: 0 }, JSON.stringify(parts));
		t.is(answer?.length, query(parts).length);
	}
});

test("EDNS: the record comes last, with this responder's size, no options, and the query's DO bit", (t) => {
	for (const type of [1, 28]) {
		const asked = query({ counts: withOpt, type, rest: opt({ flags: 0x8000, data: [0, 10, 0, 2, 7, 7] }) });
		const answer = answerQuery(asked, address);
		t.like(header(answer), { flags: 0x8580, answers: type === 1 ? 1 : 0, additional: 1 });
		t.deepEqual([...(answer ?? []).slice(-11)], [0, 0, 41, 2, 0, 0, 0, 0x80, 0, 0, 0]);
	}
	const plain = answerQuery(query({ counts: withOpt, rest: opt() }), address);
	t.deepEqual([...(plain ?? []).slice(-11)], [0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 0]);
});

test("EDNS of an unknown version: BADVERS and no address", (t) => {
	const answer = answerQuery(query({ counts: withOpt, rest: opt({ version: 1 }) }), address);
	t.like(header(answer), { flags: 0x8580, answers: 0, additional: 1 });
	t.deepEqual([...(answer ?? []).slice(-11)], [0, 0, 41, 2, 0, 1, 0, 0, 0, 0, 0]);
});

test("RD and CD are the query's", (t) => {
	t.is(header(answerQuery(query({ flags: 0 }), address)).flags, 0x8480);
	t.is(header(answerQuery(query({ flags: 0x0110 }), address)).flags, 0x8590);
});

test("a malformed query has a format error, without its question", (t) => {
	const malformed: Record<string, Uint8Array> = {
		"two questions": query({ counts: [2, 0, 0, 0], rest: [...encodedName("a"), 0, 1, 0, 1] }),
		"no question": query({ counts: [0, 0, 0, 0] }),
		"an answer": query({ counts: [1, 1, 0, 0] }),
		"an authority": query({ counts: [1, 0, 1, 0] }),
		"cut in the name": query().slice(0, 20),
		"cut in the type": query().slice(0, -3),
		"only a header": query().slice(0, 12),
		"a pointer": Uint8Array.from([...query().slice(0, 12), 0xc0, 12, 0, 1, 0, 1]),
		"a reserved label": Uint8Array.from([...query().slice(0, 12), 0x40, 0, 0, 1, 0, 1]),
		"a name of 256 bytes": query({ name: `${"a".repeat(63)}.`.repeat(3) + "b".repeat(62) }),
		"bytes behind the question": query({ rest: [0] }),
		"a missing additional record": query({ counts: withOpt }),
		"a cut OPT": query({ counts: withOpt, rest: opt().slice(0, -1) }),
		"an OPT with cut options": query({ counts: withOpt, rest: opt({ data: [1, 2] }).slice(0, -1) }),
		"an OPT with an owner": query({ counts: withOpt, rest: opt({ owner: 1 }) }),
		"another record": query({ counts: withOpt, rest: opt({ type: 250 }) }),
		"two OPT": query({ counts: [1, 0, 0, 2], rest: [...opt(), ...opt()] }),
	};
	for (const [what, bytes] of Object.entries(malformed)) {
		const answer = answerQuery(bytes, address);
		t.is(answer?.length, 12, what);
		t.deepEqual(
			header(answer),
			{ id: 0x1234, flags: 0x8581, questions: 0, answers: 0, authorities: 0, additional: 0 },
			what,
		);
	}
});

test("the longest name, and the root, are names", (t) => {
	// 3 × 64 + 62 + 1 = 255 bytes.
	const longest = `${"a".repeat(63)}.`.repeat(3) + "b".repeat(61);
	t.is(header(answerQuery(query({ name: longest }), address)).answers, 1);
	t.is(header(answerQuery(Uint8Array.from([...query().slice(0, 12), 0, 0, 1, 0, 1]), address)).answers, 1);
});

test("another operation is not implemented", (t) => {
	for (const opcode of [1, 2, 4, 5, 15])
		t.is(header(answerQuery(query({ flags: opcode << 11 }), address)).flags, 0x8484 | (opcode << 11));
});

test("a response, a packet without a header and a long one are dropped", (t) => {
	t.is(answerQuery(query({ flags: 0x8180 }), address), undefined);
	t.is(answerQuery(query().slice(0, 11), address), undefined);
	t.is(answerQuery(query({ rest: Array(500).fill(0) }), address), undefined);
});

test("an independent resolver has an address for A, and no data at once for AAAA", async (t) => {
	const socket = createSocket("udp4");
	t.teardown(() => socket.close());
	socket.on("message", (bytes, { port, address: to }) => {
		const answer = answerQuery(bytes, address);
		if (answer) socket.send(answer, port, to);
	});
	await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
	const resolver = new Resolver({ timeout: 5000, tries: 1 });
	resolver.setServers([`127.0.0.1:${socket.address().port}`]);
	t.deepEqual(await resolver.resolve4("connectivitycheck.gstatic.com", { ttl: true }), [
		{ address: "192.168.4.1", ttl: 5 },
	]);
	await t.throwsAsync(resolver.resolve6("connectivitycheck.gstatic.com"), { code: "ENODATA" });
});
