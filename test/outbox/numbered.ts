import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host, PublishOptions } from "dynreg/contracts/host";
import type { Session } from "dynreg/contracts/session";
import type { Failure } from "dynreg/core/errors";
import { Outbox } from "dynreg/outbox";
import { type Configuration, start } from "dynreg/start";
import { scaledHost } from "../support/scaled-host.js";

/** Of the outbox: room for a few of the longest messages. */
export const maxBytes = 4096;

/** What the application reports at the end. */
export interface OutboxReport {
	readonly fulfilled: number;
	readonly rejected: number;
	/** Refused with `queue-full`, since the queue held what it may: sent again later. */
	readonly refused: number;
	/** Accepted though the queue held what it may. */
	readonly excess: number;
	/** The most bytes that waited at once. */
	readonly most: number;
	/** Of sessions. */
	readonly sessions: number;
}

/**
 * A board that publishes so many messages through an outbox; the first has 1 byte, and each next one a byte more. Once
 * all promises are settled, it logs its report as a message on the topic `outbox`. Each of its sessions begins with 100
 * empty messages that nobody waits for, so that the outbox finds a full queue on a chip.
 *
 * @param configuration also `messages`, their number, and `timeScale` on a host without scaled time
 */
export function startOutboxBoard(host: Host, configuration: RawConfiguration): Promise<void> {
	const { messages, timeScale } = configuration;
	const scaled = timeScale === undefined ? host : scaledHost(host, Number(timeScale));
	const outbox = new Outbox({ maxBytes });
	const count = { fulfilled: 0, rejected: 0, refused: 0, excess: 0, most: 0, sessions: 0 };
	let waiting = 0;
	let settled = (): void => {};

	/** What the outbox holds at least: it learns of an acknowledgement after this, and its promises are fulfilled even later. */
	let held = 0;
	/** A session that counts what has been acknowledged. */
	const counting = (session: Session): Session =>
		Object.create(session, {
			publish: {
				value: async (topic: string, payload: Uint8Array, options: PublishOptions) => {
					await session.publish(topic, payload, options);
					held -= bytesOf(topic, payload.length);
				},
			},
		});

	const bytesOf = (topic: string, length: number): number => 64 + topic.length + length;

	const publishAll = async (topic: string): Promise<void> => {
		for (let length = 1; length <= Number(messages); ) {
			const next = new Promise<void>((resolve) => {
				settled = resolve;
			});
			const bytes = bytesOf(topic, length);
			const isExcess = held + bytes > maxBytes;
			held += bytes;
			const published = outbox.publish(topic, new Uint8Array(length));
			if (waiting + bytes > maxBytes) {
				const code = await published.then(
					() => "ok",
					(failure: Failure) => failure.code,
				);
				if (code === "queue-full") {
					count.refused++;
					held -= bytes;
					if (waiting > 0) await next;
					continue;
				}
				if (isExcess) count.excess++;
				if (code === "ok") count.fulfilled++;
				else count.rejected++;
				length++;
				continue;
			}
			waiting += bytes;
			count.most = Math.max(count.most, waiting);
			length++;
			published
				.then(
					() => count.fulfilled++,
					() => count.rejected++,
				)
				.then(() => {
					waiting -= bytes;
					settled();
				});
		}
		while (count.fulfilled + count.rejected < Number(messages))
			await new Promise<void>((resolve) => {
				settled = resolve;
			});
		host.log({ event: "message", topic: "outbox", payload: JSON.stringify(count) });
	};

	return start(scaled, configuration as Configuration, (session) => {
		for (let number = 0; number < 100; number++) session.publish(session.topics.event, "", { qos: 1 });
		outbox.attach(counting(session));
		if (++count.sessions === 1) publishAll(session.topics.event);
	});
}
