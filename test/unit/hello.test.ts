import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Message, Session } from "dynreg/contracts/session";
import { hello } from "dynreg/hello";

test("says that it is online, and logs the beginning of a message, or the length of what is no text", async (t) => {
	const payload = new Uint8Array(16_000);
	const limits: (number | undefined)[] = [];
	const text: Message["text"] = (maxBytes) => {
		limits.push(maxBytes);
		return "the beginning";
	};
	const malformed = () => {
		throw new Error("malformed");
	};
	const messages = [
		{ topic: "t", payload, text },
		{ topic: "t", payload, text: malformed },
	];
	const published: unknown[] = [];
	const events: BoardEvent[] = [];
	const session = {
		identity: { cloud: "cloud", product: "product", deviceName: "d" },
		topics: { control: "c", event: "e" },
		publish: (...parameters: unknown[]) => published.push(parameters),
		receive: async () => messages.shift(),
		log: (event: BoardEvent) => events.push(event),
	};
	await hello(session as unknown as Session);
	t.deepEqual(published, [["e", '{"event":"online","device":"d"}']]);
	t.deepEqual(limits, [4096]);
	t.deepEqual(events, [
		{ event: "message", topic: "t", payload: "the beginning" },
		{ event: "message", topic: "t", payload: "16000 bytes" },
	]);
});
