import { startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { firmwareFolder } from "@dynreg/cli/internal/state/folders";
import { buildChipLike } from "../simulator/chip-image.js";
import { simulatorHost } from "../support/board-hosts.js";
import { faultCases, oneCaseOfEachKind } from "./fault-cases.js";
import { runFaultCases } from "./run-fault-cases.js";

let image: Promise<string> | undefined;

// Every kind of fault once, on a socket and a resolver like a chip's, with the time known at power-up.
runFaultCases(
	{
		...simulatorHost,
		name: "chip",
		async start(options) {
			image ??= buildChipLike(firmwareFolder);
			return startBoard({ now: Date.now(), ...options, image: await image });
		},
	},
	oneCaseOfEachKind(faultCases),
);
