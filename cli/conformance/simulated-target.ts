import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poweredBoard, type Target } from "@dynreg/conformance/internal/coordinator/target";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { startBoard } from "../boards/simulated-board.js";

/** The simulator, with flash of its own that ends with the bench. */
export async function simulatedTarget(
	image: string,
	configuration: RawConfiguration,
	isSmall = false,
): Promise<Target> {
	const store = await mkdtemp(join(tmpdir(), "dynreg-bench-"));
	return {
		platform: "sim",
		isSmall,
		bootTimeout: 30_000,
		async switchOn({ onLine, onMeters }) {
			const board = await startBoard({
				image,
				store,
				configuration,
				onEvent: (event) => onLine(JSON.stringify(event)),
				onTrace: onLine,
				onMeters,
			});
			return poweredBoard(board);
		},
		close: () => rm(store, { recursive: true, force: true }),
	};
}
