/**
 * The board in the simulator: each look at the heap is a line of JSON in the trace, `{"slots":…,"chunks":…}`, in bytes.
 * With `alone`, the port of a server that closes each connection at once, there is no board: the SDK's socket connects
 * to it, `times` times over, and lets go.
 */

import Debug from "debug";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { createHost, readConfiguration } from "dynreg/host";
import { startSoakedBoard } from "dynreg-test/soak/soaked-board";
import Instrumentation from "instrumentation";
import { Socket } from "socket";

const slots = Instrumentation.map("XS Slot Heap Used");
const chunks = Instrumentation.map("XS Chunk Heap Used");

function look(): void {
	Debug.gc();
	trace(`${JSON.stringify({ slots: Instrumentation.get(slots), chunks: Instrumentation.get(chunks) })}\n`);
}

function connect(port: number, times: number): void {
	const socket = new Socket({ host: "localhost", port });
	socket.callback = (message) => {
		if (message >= 0) return;
		socket.callback = ignore;
		look();
		if (times > 1) connect(port, times - 1);
	};
}

function ignore(): void {}

const configuration = readConfiguration();
const { alone, times }: RawConfiguration = configuration;
if (typeof alone === "number") connect(alone, Number(times));
else startSoakedBoard(createHost(), configuration, look);
