import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type SimulatedBoardOptions, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { EventLog, WaitError } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";

/** An XS machine that cannot grow: `creation` of a manifest with increments of 0. */
export interface Machine {
	/** Of 16 bytes on a chip, of 32 in the simulator, which has 64 bits. */
	readonly slots: number;
	/** Bytes for strings, buffers, arrays and the frames of functions that wait. */
	readonly chunks: number;
	/** Slots. */
	readonly stack: number;
}

/** The most that a product with a key may need, in bytes on a chip: of the memory that an ESP8266's image reserves. */
export const memoryBudgets = { firstBoot: 28_672, powerCycle: 27_648 } as const;

/**
 * Bytes that the machine takes on a chip. An upper bound: chunks are counted as they are in the simulator, where
 * arrays and the frames of functions that wait are twice as large, and authorities are not in flash.
 */
export function bytesOnChip({ slots, chunks, stack }: Machine): number {
	return (slots + stack) * 16 + chunks;
}

/** What the manifest in this folder of the project says. */
export function readMachine(folder: string): Machine {
	const { creation } = JSON.parse(readFileSync(join(project, folder, "manifest.json"), "utf8"));
	return { slots: creation.heap.initial, chunks: creation.chunk.initial, stack: creation.stack };
}

/**
 * The same image with a machine of another size: a copy with other numbers in the place of those that it was built
 * with, since building one takes longer than its life.
 *
 * @param folder for the copy
 * @throws Error if the numbers are not found
 */
export async function resizeMachine(image: string, from: Machine, to: Machine, folder: string): Promise<string> {
	const bytes = await readFile(image);
	const place = bytes.indexOf(creation(from));
	if (place < 0 || bytes.indexOf(creation(from), place + 1) >= 0)
		throw new Error(`The machine in ${image} differs from its manifest.`);
	creation(to).copy(bytes, place);
	await mkdir(folder, { recursive: true });
	const copy = join(folder, "mc.so");
	await writeFile(copy, bytes);
	return copy;
}

/** The beginning of `xsCreation` in the SDK's xs/includes/xs.h: initial and incremental chunk and heap, then the stack. */
function creation({ slots, chunks, stack }: Machine): Buffer {
	return Buffer.from(Int32Array.of(chunks, 0, slots, 0, stack).buffer);
}

/**
 * Runs a board in the simulator until it has a result.
 *
 * @param until whether this event's name, or line of the trace, is what is waited for
 * @param timeout milliseconds
 * @returns undefined, or why it has not come to that
 */
export async function runSimulatorUntil(
	options: Omit<SimulatedBoardOptions, "onEvent" | "onTrace">,
	until: (seen: string) => boolean,
	timeout = 20_000,
): Promise<string | undefined> {
	const log = new EventLog<{ readonly event: string }>();
	const start = () =>
		startBoard({
			...options,
			onEvent: ({ event }) => log.append({ event }),
			onTrace: (line) => log.append({ event: line }),
		});
	try {
		await withBoard(log, start, () => log.waitFor(({ event }) => until(event), { timeout }));
		return undefined;
	} catch (error) {
		if (!(error instanceof WaitError)) throw error;
		return error.message;
	}
}
