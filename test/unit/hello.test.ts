import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import type { Message, Session } from "dynreg/contracts/session";
import { hello } from "dynreg/hello";

/** How many bytes became text, and what was logged, of each of these payloads. */
async function logged(...payloads: readonly Uint8Array[]) {
	const messages: (Message | undefined)[] = payloads.map((payload) => ({ topic: "t", payload }));
	const session = { device: "d", event: "e", publish() {}, receive: async () => messages.shift() };
	const sizes: number[] = [];
	const events: BoardEvent[] = [];
	const host = {
		crypto: {
			text(bytes: Uint8Array) {
				sizes.push(bytes.length);
				return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
			},
		},
		log: (event: BoardEvent) => events.push(event),
	};
	await hello(session as unknown as Session, host as unknown as Host);
	return { sizes, texts: events.map((event) => (event as { payload: string }).payload) };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("of a long payload only the beginning becomes text, up to the end of a character", async (t) => {
	const { sizes, texts } = await logged(
		bytesOf("a".repeat(4096)),
		bytesOf("a".repeat(16_000)),
		bytesOf("设".repeat(5000)),
		bytesOf(`ab${"😀".repeat(4000)}`),
	);
	t.deepEqual(sizes, [4096, 4096, 4095, 4094]);
	t.is(texts[2], "设".repeat(1365));
});

test("a long payload that is no text is logged by its length", async (t) => {
	const { texts } = await logged(new Uint8Array(16_000).fill(0x80), new Uint8Array(16_000).fill(0xff));
	t.deepEqual(texts, ["16000 bytes", "16000 bytes"]);
});
