import test from "ava";
import { PacketLengthMeter } from "dynreg/mqtt/packet-length";
import fc from "fast-check";

/** MQTT 3.1.1, section 2.2.3. */
function encoded(length: number): number[] {
	return length < 128 ? [length] : [(length & 0x7f) | 0x80, ...encoded(length >> 7)];
}

const packet = (length: number) => [0x30, ...encoded(length), ...Array<number>(length).fill(0xff)];

for (const [limit, length, exceeds] of [
	[0, 0, false],
	[0, 1, true],
	[127, 127, false],
	[127, 128, true],
	[16_384, 16_384, false],
	[16_384, 16_385, true],
	[65_536, 65_536, false],
	[65_536, 268_435_455, true],
] as const)
	test(`a packet of ${length} bytes is ${exceeds ? "above" : "within"} a limit of ${limit}`, (t) => {
		const announced = Uint8Array.of(0x30, ...encoded(length));
		const found = new PacketLengthMeter(limit).exceeded(announced);
		t.is(found !== undefined, exceeds);
		if (found !== undefined) t.true(found > limit && found <= length);
	});

test("a length is above the limit as soon as the bytes that make it so are there", (t) => {
	const meter = new PacketLengthMeter(1000);
	t.is(meter.exceeded(Uint8Array.of(0x30)), undefined);
	t.is(meter.exceeded(Uint8Array.of(0xff)), undefined);
	t.is(meter.exceeded(Uint8Array.of(0xff)), 16_383);
});

test("the first packet above the limit is found, however the bytes arrive", (t) => {
	const limit = 200;
	const lengths = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 6 });
	fc.assert(
		fc.property(lengths, fc.infiniteStream(fc.integer({ min: 1, max: 90 })), (sizes, steps) => {
			const meter = new PacketLengthMeter(limit);
			const bytes = Uint8Array.from(sizes.flatMap(packet));
			const first = sizes.findIndex((size) => size > limit);
			/** Where the bytes end that give the packet away. */
			const found = first < 0 ? -1 : sizes.slice(0, first).flatMap(packet).length + 3;
			for (let at = 0; at < bytes.length; ) {
				const next = at + (steps.next().value as number);
				const length = meter.exceeded(bytes.subarray(at, next));
				if (found >= 0 && next >= found) return length === sizes[first];
				if (length !== undefined) return false;
				at = next;
			}
			return first < 0;
		}),
		{ numRuns: 2000 },
	);
	t.pass();
});
