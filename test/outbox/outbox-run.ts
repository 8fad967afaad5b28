/** An outbox's messages through lost sessions, on any host: a board, a local cloud, and faults of that cloud. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { type Board, type BoardOptions, type TimeSource, withBoard } from "@dynreg/node";
import type { ExecutionContext } from "ava";
import { TraceLog } from "../support/trace-log.js";
import { maxBytes, type OutboxReport } from "./numbered.js";

export interface OutboxHost {
	/** Shared by board and cloud; absent where the board scales its own. */
	readonly time?: TimeSource;
	start(options: BoardOptions): Board | Promise<Board>;
}

const messages = 1000;
const reconnections = 10;
/** Of a board that scales its own time. */
const timeScale = 50;
/** Real milliseconds, on a busy machine. */
const timeout = 300_000;

const product = { cloud: "tencent", id: "OUTBOX0001", secret: "a-secret-of-the-outbox" } as const;
const device = "board-1";

/**
 * Ten sessions end while messages wait: five when the broker has taken a message whose PUBACK is lost, five at any
 * moment. Every message arrives, in the order of first arrival, and every promise is fulfilled.
 */
export async function checkOutbox(t: ExecutionContext, { time, start }: OutboxHost): Promise<void> {
	t.timeout(2 * timeout);
	/** Numbers of the messages, as they arrive. */
	const arrived: number[] = [];
	let onArrival = (): void => {};
	const cloud = await startCloud({
		...(time && { timeScale: time }),
		onRequest({ operation, verdict, reason }) {
			const bytes = Number(/^(\d+) bytes on \S+\/event /.exec(reason)?.[1]);
			if (operation !== "publish" || verdict !== "accepted" || !(bytes > 0)) return;
			arrived.push(bytes);
			onArrival();
		},
	});
	const { administration } = cloud;
	const store = await mkdtemp(join(tmpdir(), "dynreg-outbox-"));
	const log = new TraceLog();
	const until = (condition: () => boolean) =>
		new Promise<void>((resolve, reject) => {
			const late = setTimeout(() => reject(new Error(`${arrived.length} have arrived:\n${log}`)), timeout);
			onArrival = () => {
				if (!condition()) return;
				clearTimeout(late);
				resolve();
			};
			onArrival();
		});
	const lose = async (round: number): Promise<void> => {
		const sofar = arrived.length;
		await until(() => arrived.length >= sofar + 90);
		const triggered = () => administration.faults()[0]?.triggered === 1;
		if (round % 2 === 0) {
			administration.setFaults([{ operation: "publish", fault: "lost-puback", count: 1 }]);
			await until(triggered);
		}
		administration.disconnectDevice(product.cloud, product.id, device);
	};
	const configuration = {
		...demoConfiguration(cloud, product, device),
		messages,
		...(!time && { timeScale }),
	};
	const options = { configuration, store: join(store, "flash"), onEvent: log.event, onTrace: log.trace };
	try {
		const report = await withBoard(
			log,
			() => start({ ...options, ...(time && { timeScale: time }) }),
			async () => {
				for (let round = 0; round < reconnections; round++) await lose(round);
				const { event } = await log.waitFor("message", { timeout });
				return JSON.parse(event.event === "message" ? event.payload : "") as OutboxReport;
			},
		);
		t.like(report, { fulfilled: messages, rejected: 0, excess: 0, sessions: reconnections + 1 });
		t.true(report.refused > 0, "the queue was full at times");
		t.true(report.most > maxBytes / 2 && report.most <= maxBytes, `${report.most} bytes waited`);
		const first = [...new Set(arrived)];
		t.deepEqual(
			first,
			Array.from({ length: messages }, (_, index) => index + 1),
			"each has arrived, in order",
		);
		const repeated = arrived.length - messages;
		t.true(repeated >= reconnections / 2 && repeated <= reconnections, `${repeated} arrived twice`);
		t.log(`${JSON.stringify(report)}, ${repeated} arrived twice`);
	} finally {
		await cloud.close();
		await rm(store, { recursive: true, force: true });
	}
}
