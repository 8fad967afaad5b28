import test from "ava";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { isResponse, noResponse, query, readResponse, timeServers } from "dynreg/time/sntp";

const random = Uint8Array.of(0xd5, 1, 2, 3, 0xfe, 5, 6, 7);

/** A server's packet (RFC 5905, figure 8), stratum 2, with this transmit timestamp. */
function packet(seconds: number, fraction = 0, change: Readonly<Record<number, number>> = {}): Uint8Array {
	const bytes = new Uint8Array(48);
	bytes.set([0x24, 2, 6, 0xec]);
	bytes.set(random, 24);
	const view = new DataView(bytes.buffer);
	view.setUint32(40, seconds);
	view.setUint32(44, fraction);
	for (const [index, value] of Object.entries(change)) bytes[Number(index)] = value;
	return bytes;
}

test("a query is 48 bytes, version 4, mode 3, and but for its random timestamp nothing", (t) => {
	const bytes = query(random);
	t.is(bytes.length, 48);
	t.is(bytes[0], 0b00_100_011);
	t.true(bytes.subarray(1, 40).every((byte) => byte === 0));
	t.deepEqual(bytes.slice(40), random);
});

/** RFC 5905, figure 4: interesting historic NTP dates; and the last second before the board counts as 1970 again. */
const dates: readonly (readonly [seconds: number, utc: string])[] = [
	[2_208_988_800, "1970-01-01T00:00:00.000Z"],
	[2_272_060_800, "1972-01-01T00:00:00.000Z"],
	[3_155_587_200, "1999-12-31T00:00:00.000Z"],
	[4_294_944_000, "2036-02-07T00:00:00.000Z"],
	[0xffff_ffff, "2036-02-07T06:28:15.000Z"],
	[63_104, "2036-02-08T00:00:00.000Z"],
	[2_208_988_799, "2106-02-07T06:28:15.000Z"],
];

for (const [seconds, utc] of dates)
	test(`${seconds} seconds of NTP are ${utc}`, (t) => {
		t.is(new Date(readResponse(packet(seconds), random, 0) ?? 0).toISOString(), utc);
	});

test("the first moment of NTP's second era is distinguished from no time", (t) => {
	t.is(readResponse(packet(0, 0x8000_0000), random, 0), Date.UTC(2036, 1, 7, 6, 28, 16, 500));
	t.is(readResponse(packet(0, 0), random, 0), undefined);
});

test("fractions of a second and half of the round trip count", (t) => {
	const seconds = 2_208_988_800;
	t.is(readResponse(packet(seconds, 0x8000_0000), random, 0), 500);
	t.is(readResponse(packet(seconds, 0x4000_0000), random, 100), 300);
	t.is(readResponse(packet(seconds, 0xffff_ffff), random, 0), 1000);
});

test("what follows the 48 bytes does not matter, nor where they stand in a buffer", (t) => {
	const buffer = new Uint8Array(100);
	buffer.set(packet(2_208_988_800 + 86_400), 20);
	t.is(readResponse(buffer.subarray(20, 88), random, 0), 86_400_000);
});

test("any version and stratum 1 to 15 are taken, a leap second announced or not", (t) => {
	for (const change of [{ 0: 0x1c }, { 0: 0x64 }, { 0: 0xa4 }, { 1: 1 }, { 1: 15 }])
		t.is(readResponse(packet(2_208_988_801, 0, change), random, 0), 1000);
});

/** Without the time, and the ones marked from a server that has been asked all the same. */
const wrong: readonly (readonly [what: string, bytes: Uint8Array, from?: "the server"])[] = [
	["nothing", new Uint8Array(0)],
	["47 bytes", packet(3_900_000_000).subarray(0, 47)],
	["another client's query", packet(3_900_000_000, 0, { 0: 0x23 })],
	["a broadcast", packet(3_900_000_000, 0, { 0: 0x25 })],
	["a server that is not synchronised", packet(3_900_000_000, 0, { 0: 0xe4 }), "the server"],
	["a kiss-o'-death", packet(3_900_000_000, 0, { 1: 0, 12: 0x52, 13: 0x41, 14: 0x54, 15: 0x45 }), "the server"],
	["stratum 16", packet(3_900_000_000, 0, { 1: 16 }), "the server"],
	["an answer to another query, first byte", packet(3_900_000_000, 0, { 24: 0 })],
	["an answer to another query, last byte", packet(3_900_000_000, 0, { 31: 0 })],
];

for (const [what, bytes, from] of wrong)
	test(`${what} gives no time`, (t) => {
		t.is(readResponse(bytes, random, 0), undefined);
		t.is(isResponse(bytes, random), from === "the server");
	});

test("sntp is a name, with a port or without, or several, in a list or between commas", (t) => {
	const first = { host: "ntp.example.org", port: 123 };
	const second = { host: "192.0.2.1", port: 1230 };
	t.deepEqual(timeServers(undefined), []);
	t.deepEqual(timeServers(""), []);
	t.deepEqual(timeServers(null), []);
	t.deepEqual(timeServers([]), []);
	t.deepEqual(timeServers("ntp.example.org"), [first]);
	t.deepEqual(timeServers("ntp.example.org, 192.0.2.1:1230"), [first, second]);
	t.deepEqual(timeServers(["192.0.2.1:1230", "ntp.example.org"]), [second, first]);
});

for (const configured of ["ntp://x", "host:0", "host:65536", "a b", ",", "host:", ["host", 0.5, ""], {}])
	test(`sntp cannot be ${JSON.stringify(configured)}`, (t) => {
		const failure = t.throws(() => timeServers(configured), { instanceOf: Failure });
		t.is(`${failure?.phase} ${failure?.code} ${failure?.action}`, "clock bad-configuration needs-attention");
		t.regex(failure?.message ?? "", /^bad-configuration sntp invalid /);
	});

test("without a response the failure names the servers and the next step", (t) => {
	const failure = noResponse(timeServers("one,two:99"));
	t.is(`${failure.phase} ${failure.code} ${failure.action}`, "clock clock-unknown retry");
	t.regex(sentence(failure), /\(one, two\).*UDP port 123/);
	const behind = noResponse(timeServers("one,two:99"), [undefined, 86_400_000]);
	t.deepEqual(behind.names, ["one", "two 86400000"]);
	t.regex(sentence(behind), /^No time server responded with a valid time \(one, two: 1970-01-02T00:00:00\.000Z\)\./);
});
