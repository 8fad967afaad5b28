/**
 * The board on the bare XS engine: each look at the heap is a `message` event, after which its meters are read from
 * outside.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { startSoakedBoard } from "./soaked-board.js";

/** The engine's own. */
declare const gc: () => void;

const configuration = readConfiguration();
const host = createHost();

startSoakedBoard(host, configuration, () => {
	gc();
	host.log({ event: "message", topic: "heap", payload: "" });
});
