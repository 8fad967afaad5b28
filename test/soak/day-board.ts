/** The board of a virtual day, on the bare XS engine: each look at the heap is a `message` event. */

import { createHost, readConfiguration } from "dynreg/host";
import { live } from "./life.js";

/** The engine's own. */
declare const gc: () => void;

const host = createHost();

live(host, readConfiguration(), () => {
	gc();
	host.log({ event: "message", topic: "heap", payload: "" });
});
